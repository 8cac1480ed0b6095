import { answer } from "../../client/client.ts";
import type { AgentDefinition, AgentList } from "../../contract/agent-definition.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { agentLs } from "../registry/agents.ts";
import { tildePath } from "../text/paths.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "NAME" },
	{ title: "DRIVERS" },
	{ title: "FROM" },
	{ title: "PROGRAM", shrinks: true },
];

export const run: Run<typeof agentLs> = async (cli, { flags }) => {
	const api = await cli.api();
	const list = await answer(api.routes.agents.get({ query: { path: cli.env.PATH } }));
	if (flags.json) return cli.printJson(list);
	printTable(
		cli,
		columns,
		list.agents.map((agent) => rowOf(agent, cli)),
	);
	tellBroken(cli, list);
};

/** The definition's own driver first; one whose program is missing in brackets. */
function rowOf({ id, name, driver, drivers, available, builtIn, path }: AgentDefinition, cli: Cli): string[] {
	const ordered = [driver, ...drivers.filter((each) => each !== driver)];
	return [
		id,
		name,
		ordered.map((each) => (available.includes(each) ? each : `(${each})`)).join(" "),
		builtIn ? "berth" : "you",
		path === null ? "not installed" : tildePath(path, cli.env.HOME),
	];
}

/** Files that should be definitions and are not. */
export function tellBroken(cli: Cli, { broken }: AgentList): void {
	for (const { file, reason } of broken) cli.note(`berth: ${tildePath(file, cli.env.HOME)}: ${reason}`);
}
