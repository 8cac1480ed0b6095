/**
 * What other programs' session files say, in one form. A file is recognised by its shape, entry by entry; its name means nothing.
 *
 *   SILC                  [{port, name, session_id, shell, is_global, cwd, created_at}]
 *   agent-console, old    [{id, worktreePath, repositoryId, pid, …}]: one agent each
 *   agent-console, new    [{id, type, locationPath, title?, pausedAt?, workers: [{type, name}]}]
 */
import { basename } from "node:path";
import { BerthError } from "../../contract/errors.ts";

export type Source = "silc" | "agent-console";

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
	/** Names of its terminals; empty for one without a name. */
	terminals: string[];
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

const plain = { shell: null, port: null, terminals: [], paused: false, notes: [], refusal: null };

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
	const terminals: string[] = [];
	for (const worker of workers) {
		const { type: kind, name } = isFields(worker) ? worker : ({} as Fields);
		const called = typeof name === "string" && name !== "" ? name : "without a name";
		if (kind === "terminal") terminals.push(called);
		else if (kind === "agent") notes.push(agentNote(called));
		else if (kind === "git-diff") notes.push(`the view ${called} is no process and is left behind`);
		else notes.push(`the worker ${called} is of a kind that is not known and is left behind`);
	}
	return {
		...plain,
		source: "agent-console",
		id,
		name: typeof title === "string" && title !== "" ? title : basename(cwd),
		cwd,
		terminals,
		paused: typeof pausedAt === "string",
		notes,
		refusal: recoveryState === "orphaned" ? "it is marked as orphaned there" : null,
	};
}

function readWithProcess({ id, worktreePath: cwd, repositoryId, pid }: Fields): Foreign | null {
	if (typeof id !== "string" || typeof cwd !== "string" || typeof pid !== "number") return null;
	const notes = [...worktreeNote(repositoryId !== "default"), agentNote("of the session")];
	return { ...plain, source: "agent-console", id, name: basename(cwd), cwd, notes };
}

function worktreeNote(isWorktree: boolean): string[] {
	return isWorktree
		? ["its git worktree is used as it is; berth did not make it and will not remove it"]
		: [];
}

function agentNote(name: string): string {
	return `the agent ${name} is left behind; start it again in its directory`;
}

function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
