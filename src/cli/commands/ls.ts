import type { Session, Worker } from "../../contract/session.ts";
import { primaryWorker } from "../api.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import { stateColour, stateText, tellingWorker } from "../output/state.ts";
import type { Column } from "../output/table.ts";
import type { ls } from "../registry/sessions.ts";
import { tildePath } from "../text/paths.ts";
import { printable } from "../text/printable.ts";
import { formatSpan } from "../text/time.ts";

const columns: readonly Column[] = [
	{ title: "NAME" },
	{ title: "STATE" },
	{ title: "PORT", align: "right" },
	{ title: "IDLE", align: "right" },
	{ title: "SEEN BY", align: "right" },
	{ title: "DIRECTORY", shrinks: true },
	{ title: "TITLE", shrinks: true },
];
const STATE_COLUMN = 1;

export const run: Run<typeof ls> = async (cli, { flags }) => {
	const api = await cli.api();
	const all = await api.listSessions(flags.all);
	const sessions = all.filter((session) => flags.tag.every((tag) => session.tags.includes(tag)));
	if (flags.json) return cli.printJson(sessions);
	if (flags.quiet) return cli.write(sessions.map(({ name }) => `${name}\n`).join(""));
	if (sessions.length === 0) return cli.note(empty(flags.all, flags.tag.length > 0));
	printTable(
		cli,
		columns,
		sessions.map((session) => rowOf(session, cli)),
		(text, column, row) =>
			column === STATE_COLUMN ? stateColour(tellingWorker(sessions[row]!)!, cli.style)(text) : text,
	);
};

function empty(all: boolean, filtered: boolean): string {
	if (filtered) return "no session has these tags";
	return all
		? "there are no sessions; berth new makes one"
		: "nothing runs; berth new makes a session, berth ls -a shows ended ones";
}

function rowOf(session: Session, cli: Cli): string[] {
	const worker = primaryWorker(session);
	const live = worker.endedAt === null;
	const others = session.workers.length - 1;
	return [
		session.name,
		stateText(session, cli.now()),
		session.port === null ? "-" : String(session.port),
		formatSpan(cli.now() - (worker.endedAt ?? session.lastActiveAt)),
		live ? String(session.viewers) : "-",
		tildePath(worker.cwd, cli.env.HOME),
		(worker.title || programText(worker)) + (others > 0 ? ` (+${others})` : ""),
	].map(printable);
}

/** What runs: of an agent its name and model, since its command is long and says less. */
function programText(worker: Worker): string {
	if (worker.kind === "terminal") return worker.command.join(" ");
	const { definition, model } = worker.agent;
	return model === null ? definition : `${definition} ${model}`;
}
