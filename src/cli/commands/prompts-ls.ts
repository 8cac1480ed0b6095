import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { promptsLs } from "../registry/prompts.ts";
import { printable } from "../text/printable.ts";
import { formatTime } from "../text/time.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "STATE" },
	{ title: "ASKED" },
	{ title: "TEXT", shrinks: true },
];

export const run: Run<typeof promptsLs> = async (cli, { flags, operands }) => {
	const [target] = operands as [string];
	const api = await cli.api();
	const prompts = await answer(api.target(target).prompts.get({ query: { all: flags.all } }));
	if (flags.json) return cli.printJson(prompts);
	if (prompts.length === 0) return cli.note(`nothing waits for ${target}`);
	const rows = prompts.map(({ id, state, createdAt, text }) => [
		id,
		state,
		formatTime(createdAt),
		printable(text),
	]);
	printTable(cli, columns, rows);
};
