import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { tokenLs } from "../registry/berth.ts";
import { formatTime } from "../text/time.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "LABEL", shrinks: true },
	{ title: "SCOPE" },
	{ title: "SESSION" },
	{ title: "MADE" },
	{ title: "EXPIRES" },
];

export const run: Run<typeof tokenLs> = async (cli, { flags }) => {
	const api = await cli.api();
	const tokens = await answer(api.routes.tokens.get());
	if (flags.json) return cli.printJson(tokens);
	if (tokens.length === 0) return cli.note("there are no tokens; berth token create makes one");
	const rows = tokens.map(({ id, label, scope, sessionId, createdAt, expiresAt }) => [
		id,
		label,
		scope,
		sessionId ?? "all",
		formatTime(createdAt),
		expiresAt === null ? "never" : formatTime(expiresAt),
	]);
	printTable(cli, columns, rows);
};
