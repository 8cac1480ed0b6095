/**
 * What other programs' session files say, in one form. A file is recognised by its shape, entry by entry; its name means nothing.
 *
 *   SILC                  [{port, name, session_id, shell, is_global, cwd, created_at}]
 *   agent-console, old    [{id, worktreePath, repositoryId, pid, …}]: one agent each
 *   agent-console, new    [{id, type, locationPath, title?, pausedAt?, workers: [{type, name, agentId?}]}]
 */
import { basename } from "node:path";
import { BerthError } from "../../contract/errors.ts";

export type Source = "silc" | "agent-console";

export interface ForeignWorker {
	/** Any text. */
	name: string;
	/** Id of the definition that starts the same agent; null for a terminal. */
	agent: string | null;
}

/** A session of another program, as far as we can take it over. */
export interface Foreign {
	source: Source;
	/** Its id there. */
	id: string;
	/** What it is called there; any text. */
	name: string;
	cwd: string;
	/** null for the user's own. */
	shell: string | null;
	port: number | null;
	/** Its processes, the first one first; empty for one terminal without a name. */
	workers: ForeignWorker[];
	/** It is not to run. */
	paused: boolean;
	/** What of it is left behind, and why: one sentence each. */
	notes: string[];
	/** Why none of it can be taken; null when it can. */
	refusal: string | null;
}

type Fields = Record<string, unknown>;

/** Throws `bad_request` when the text holds nothing that we know. */
export function readForeign(text: string, file: string): Foreign[] {
	const refuse = (why: string, cause?: unknown): never => {
		throw new BerthError("bad_request", `${file} ${why}`, { field: "file" }, cause);
	};
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return refuse("is not JSON; give the sessions file of SILC or agent-console", error);
	}
	const entries = Array.isArray(value) ? value : isFields(value) ? value.sessions : undefined;
	if (!Array.isArray(entries)) return refuse("holds no list of sessions");
	const found = entries.map((entry, index) => readEntry(entry, index));
	if (found.length > 0 && found.every(({ known }) => !known))
		refuse("holds no sessions of SILC or agent-console");
	return found.map(({ foreign }) => foreign);
}

function readEntry(entry: unknown, index: number): { known: boolean; foreign: Foreign } {
	if (isFields(entry)) {
		const foreign = readSilc(entry) ?? readWithWorkers(entry) ?? readWithProcess(entry);
		if (foreign) return { known: true, foreign };
	}
	const base = {
		source: "agent-console" as const,
		id: `entry ${index + 1}`,
		name: `entry ${index + 1}`,
		cwd: "",
	};
	return { known: false, foreign: { ...plain, ...base, refusal: "its shape is not known" } };
}

const plain = { shell: null, port: null, workers: [], paused: false, notes: [], refusal: null };

function readSilc({ session_id: id, name, port, cwd, shell, is_global: isGlobal }: Fields): Foreign | null {
	if (typeof id !== "string" || typeof port !== "number") return null;
	const notes = isGlobal === true ? ["it was open to the network; here its port is on loopback only"] : [];
	return {
		...plain,
		source: "silc",
		id,
		name: typeof name === "string" && name !== "" ? name : `silc-${port}`,
		cwd: typeof cwd === "string" ? cwd : "",
		shell: typeof shell === "string" && shell !== "" ? shell : null,
		port: Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : null,
		notes,
		refusal: typeof cwd === "string" && cwd !== "" ? null : "it names no directory",
	};
}

function readWithWorkers(entry: Fields): Foreign | null {
	const { id, locationPath: cwd, workers, type, title, pausedAt, recoveryState } = entry;
	if (typeof id !== "string" || typeof cwd !== "string" || !Array.isArray(workers)) return null;
	const notes = worktreeNote(type === "worktree");
	const taken: ForeignWorker[] = [];
	for (const worker of workers) {
		const { type: kind, name, agentId } = isFields(worker) ? worker : ({} as Fields);
		const called = typeof name === "string" && name !== "" ? name : "without a name";
		const agent = kind === "agent" ? definitionOf(agentId) : null;
		if (kind === "terminal" || agent !== null) taken.push({ name: called, agent });
		else if (kind === "agent")
			notes.push(`the agent ${called} is of a kind of its user's own and is left behind`);
		else if (kind === "git-diff") notes.push(`the view ${called} is no process and is left behind`);
		else notes.push(`the worker ${called} is of a kind that is not known and is left behind`);
	}
	return {
		...plain,
		source: "agent-console",
		id,
		name: typeof title === "string" && title !== "" ? title : basename(cwd),
		cwd,
		workers: taken,
		paused: typeof pausedAt === "string",
		notes,
		refusal: recoveryState === "orphaned" ? "it is marked as orphaned there" : null,
	};
}

function readWithProcess({ id, worktreePath: cwd, repositoryId, pid }: Fields): Foreign | null {
	if (typeof id !== "string" || typeof cwd !== "string" || typeof pid !== "number") return null;
	const notes = worktreeNote(repositoryId !== "default");
	const workers = [{ name: "agent", agent: definitionOf(OWN_AGENT) }];
	return { ...plain, source: "agent-console", id, name: basename(cwd), cwd, notes, workers };
}

function worktreeNote(isWorktree: boolean): string[] {
	return isWorktree
		? ["its git worktree is used as it is; berth did not make it and will not remove it"]
		: [];
}

/** The agent that comes with agent-console, and was the only one when a session was one process. Others have ids of their users'. */
const OWN_AGENT = "claude-code-builtin";

function definitionOf(agentId: unknown): string | null {
	return agentId === OWN_AGENT ? "claude" : null;
}

function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
