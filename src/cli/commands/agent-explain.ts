import { answer } from "../../client/client.ts";
import type { AgentExplanation } from "../../contract/agent.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { agentStateText, evidenceText } from "../output/state.ts";
import { table } from "../output/table.ts";
import type { agentExplain } from "../registry/agents.ts";
import { printable } from "../text/printable.ts";

export const run: Run<typeof agentExplain> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const explanation = await answer(api.target(operands[0]!).agent.get());
	if (flags.json) return cli.printJson(explanation);
	const { status, sources, rules, screen } = explanation;
	const { bold, dim } = cli.style;
	const lines = [
		`${bold(agentStateText(status, cli.now()))}  ${dim(evidenceText(status.evidence, cli.now()))}`,
		...part(cli, "Sources, the most trusted first", sourceLines(sources, cli)),
		...part(cli, "Screen rules, up to the first that holds", ruleLines(rules, cli)),
		...part(cli, "Screen", screen === null ? [] : screen.trimEnd().split("\n").map(printable)),
	];
	cli.write(`${lines.join("\n")}\n`);
};

function part(cli: Cli, title: string, lines: readonly string[]): string[] {
	return lines.length === 0 ? [] : ["", cli.style.bold(title), ...lines.map((line) => `  ${line}`.trimEnd())];
}

function sourceLines(sources: AgentExplanation["sources"], cli: Cli): string[] {
	const rows = sources.map(({ counted, state, evidence }) => [
		counted ? "→" : "",
		state,
		evidenceText(evidence, cli.now()),
	]);
	const columns = [{ title: "" }, { title: "" }, { title: "" }];
	return table(columns, rows, null).slice(1);
}

function ruleLines(rules: AgentExplanation["rules"], cli: Cli): string[] {
	const rows = rules.map(({ matched, id, state, text }) => [
		matched ? "→" : "",
		id,
		state,
		text === null ? cli.style.dim("does not hold") : printable(text),
	]);
	const columns = [{ title: "" }, { title: "" }, { title: "" }, { title: "" }];
	return table(columns, rows, null).slice(1);
}
