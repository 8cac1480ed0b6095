import { answer, pathPart } from "../../client/client.ts";
import { visibleLine } from "../../contract/visible.ts";
import type { Run } from "../command.ts";
import { callLines, outcomeColour, outcomeText } from "../output/permission.ts";
import type { permissionsShow } from "../registry/permissions.ts";
import { tildePath } from "../text/paths.ts";
import { formatSpan, formatTime } from "../text/time.ts";
import { whoAsks } from "./permissions-ls.ts";

/** Cells for the labels. */
const LABEL_WIDTH = 9;

export const run: Run<typeof permissionsShow> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const permission = await answer(api.routes.permissions({ id: pathPart(operands[0]!) }).get());
	if (flags.json) return cli.printJson(permission);
	const { id, agent, tool, cwd, options, createdAt, deadlineAt, state, ruleId, reason } = permission;
	const { style } = cli;
	const waits = state === "pending" ? `, ${formatSpan(deadlineAt - cli.now())} more` : "";
	const rows: [string, string][] = [
		["request", `${style.bold(visibleLine(permission.title))}  ${style.dim(id)}`],
		["agent", `${whoAsks(permission, await api.listSessions(true))} (${agent})`],
		["directory", tildePath(cwd, cli.env.HOME)],
		["tool", visibleLine(tool)],
		["asked", `${formatTime(createdAt)} (${formatSpan(cli.now() - createdAt)} ago)`],
		["state", outcomeColour(permission, style)(outcomeText(permission) + waits)],
	];
	if (ruleId !== null) rows.push(["rule", ruleId]);
	if (reason !== null) rows.push(["reason", visibleLine(reason)]);
	if (options.length > 0 && permission.questions.length === 0)
		rows.push(["options", options.map((each) => visibleLine(`${each.id}: ${each.name}`)).join(" · ")]);
	const facts = rows.map(([label, value]) => `${style.dim(label.padEnd(LABEL_WIDTH))}  ${value}`);
	cli.write(`${[...facts, "", ...callLines(permission, style)].join("\n")}\n`);
};
