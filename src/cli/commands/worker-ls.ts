import type { Worker } from "../../contract/session.ts";
import { quoteArgv } from "../../platform/quote.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import { stateColour, workerStateText } from "../output/state.ts";
import type { Column } from "../output/table.ts";
import type { workerLs } from "../registry/workers.ts";
import { tildePath } from "../text/paths.ts";
import { printable } from "../text/printable.ts";

const columns: readonly Column[] = [
	{ title: "NAME" },
	{ title: "ID" },
	{ title: "KIND" },
	{ title: "STATE" },
	{ title: "PID", align: "right" },
	{ title: "DIRECTORY", shrinks: true },
	{ title: "COMMAND", shrinks: true },
];
const STATE_COLUMN = 3;

export const run: Run<typeof workerLs> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const { workers } = await api.getSession(operands[0]!);
	if (flags.json) return cli.printJson(workers);
	printTable(
		cli,
		columns,
		workers.map((worker) => rowOf(worker, cli)),
		(text, column, row) => (column === STATE_COLUMN ? stateColour(workers[row]!, cli.style)(text) : text),
	);
};

function rowOf(worker: Worker, cli: Cli): string[] {
	return [
		worker.name,
		worker.id,
		worker.kind === "agent" ? worker.agent.definition : worker.kind,
		workerStateText(worker, cli.now()),
		worker.pid === null ? "-" : String(worker.pid),
		tildePath(worker.cwd, cli.env.HOME),
		quoteArgv(worker.command, "posix"),
	].map(printable);
}
