/** What is going to be done about each session of another program. Looks, and changes nothing. */
import { statSync } from "node:fs";
import { nameFrom, uniqueName } from "../../contract/naming.ts";
import type { Session } from "../../contract/session.ts";
import type { Foreign, ForeignWorker, Source } from "./shapes.ts";

/** Longest tag that a session may have (contract/session.ts). */
const TAG_LIMIT = 64;

/** Hex digits of a digest in a tag: 128 bits. */
const DIGEST_LENGTH = 32;

export interface PlanItem {
	source: Source;
	/** Its id there. */
	id: string;
	/** What it is, or is going to be, called here. */
	name: string;
	cwd: string;
	/** take: it is going to be made; known: it was made by an earlier import; leave: it cannot be taken. */
	action: "take" | "known" | "leave";
	/** Why it is left, or what it is known by; null when it is taken. */
	reason: string | null;
	/** What of it is left behind. */
	notes: string[];
}

/** An item with what its making needs. */
export interface Plan extends PlanItem {
	foreign: Foreign;
	/** Recognises it at the next import. */
	tag: string;
	/** What runs in it, by the names that it gets; the first is the session's own. */
	workers: ForeignWorker[];
	port: number | null;
}

export interface Surroundings {
	sessions: readonly Session[];
	hasShell: (shell: string) => boolean;
	/** Whether an agent can be started as its definition has it. */
	hasAgent: (definition: string) => boolean;
}

export function planImport(
	foreigners: readonly Foreign[],
	{ sessions, hasShell, hasAgent }: Surroundings,
): Plan[] {
	const names = new Set(sessions.map(({ name }) => name));
	const ports = new Set(sessions.map(({ port }) => port));
	const tags = new Map(sessions.flatMap((session) => session.tags.map((tag) => [tag, session] as const)));
	const seen = new Set<string>();
	return foreigners.map((foreign): Plan => {
		const tag = tagOf(foreign);
		const { source, id, cwd, port } = foreign;
		const base = { foreign, tag, source, id, cwd, workers: [], port: null, notes: foreign.notes };
		const known = tags.get(tag);
		if (known) {
			return { ...base, name: known.name, action: "known", reason: `is here as ${known.name}`, notes: [] };
		}
		const reason =
			foreign.refusal ??
			(seen.has(tag) ? "is in the file twice" : null) ??
			refusalOf(cwd) ??
			(foreign.shell !== null && !hasShell(foreign.shell) ? `there is no shell ${foreign.shell} here` : null);
		if (reason !== null) return { ...base, name: foreign.name, action: "leave", reason };
		seen.add(tag);
		const name = uniqueName(nameFrom(foreign.name, source), (wanted) => names.has(wanted));
		names.add(name);
		const free = port !== null && !ports.has(port);
		if (free) ports.add(port);
		const missing = foreign.workers.filter(({ agent }) => agent !== null && !hasAgent(agent));
		const notes = [
			...foreign.notes,
			...missing.map((worker) => `the agent ${worker.name} is left behind: ${worker.agent} is not installed`),
			...(port === null || free ? [] : [portNote(port)]),
		];
		return {
			...base,
			name,
			action: "take",
			reason: null,
			notes,
			workers: named(foreign.workers.filter((worker) => !missing.includes(worker))),
			port: free ? port : null,
		};
	});
}

export function portNote(port: number): string {
	return `port ${port} is taken; it gets another`;
}

/** The part that people may see. */
export function itemOf({ source, id, name, cwd, action, reason, notes }: Plan): PlanItem {
	return { source, id, name, cwd, action, reason, notes };
}

/** Long ids are told apart by their digest: cut ones might be the same. */
function tagOf({ source, id }: Foreign): string {
	const whole = `from-${source}:${id}`;
	if (whole.length <= TAG_LIMIT && !/[\s,]/.test(id)) return whole;
	return `from-${source}:${new Bun.CryptoHasher("sha256").update(id).digest("hex").slice(0, DIGEST_LENGTH)}`;
}

function named(workers: readonly ForeignWorker[]): ForeignWorker[] {
	const taken = new Set<string>();
	return workers.map(({ name: text, agent }) => {
		const name = uniqueName(nameFrom(text, agent ?? "terminal"), (wanted) => taken.has(wanted));
		taken.add(name);
		return { name, agent };
	});
}

function refusalOf(cwd: string): string | null {
	try {
		return statSync(cwd).isDirectory() ? null : `${cwd} is no directory`;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === "ENOENT" || code === "ENOTDIR"
			? `the directory ${cwd} is gone`
			: `the directory ${cwd} cannot be entered (${code})`;
	}
}
