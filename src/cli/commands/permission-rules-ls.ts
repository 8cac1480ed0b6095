import { answer } from "../../client/client.ts";
import { visibleLine } from "../../contract/visible.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { permissionRulesLs } from "../registry/permissions.ts";
import { tildePath } from "../text/paths.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "SAYS" },
	{ title: "TOOL" },
	{ title: "SUBJECT", shrinks: true },
	{ title: "AGENT" },
	{ title: "DIRECTORY", shrinks: true },
];
const SAYS_COLUMN = 1;

export const run: Run<typeof permissionRulesLs> = async (cli, { flags }) => {
	const api = await cli.api();
	const rules = await answer(api.routes.permissions.rules.get());
	if (flags.json) return cli.printJson(rules);
	if (rules.length === 0) return cli.note("there are no rules; berth permissions rules add makes one");
	const paint = { allow: cli.style.green, deny: cli.style.red, ask: cli.style.yellow };
	printTable(
		cli,
		columns,
		rules.map(({ id, decision, tool, subject, agent, directory }) =>
			[
				...[id, decision, tool, subject ?? "any", agent ?? "any"],
				directory === null ? "any" : tildePath(directory, cli.env.HOME),
			].map(visibleLine),
		),
		(text, column, row) => (column === SAYS_COLUMN ? paint[rules[row]!.decision](text) : text),
	);
};
