import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { repoLs } from "../registry/repositories.ts";
import { tildePath } from "../text/paths.ts";
import { formatTime } from "../text/time.ts";

const columns: readonly Column[] = [
	{ title: "NAME" },
	{ title: "ID" },
	{ title: "ADDED" },
	{ title: "PATH", shrinks: true },
];

export const run: Run<typeof repoLs> = async (cli, { flags }) => {
	const api = await cli.api();
	const repositories = await answer(api.routes.repos.get());
	if (flags.json) return cli.printJson(repositories);
	if (repositories.length === 0) return cli.note("there are no repositories; berth repo add registers one");
	const rows = repositories.map(({ name, id, createdAt, path }) => [
		name,
		id,
		formatTime(createdAt),
		tildePath(path, cli.env.HOME),
	]);
	printTable(cli, columns, rows);
};
