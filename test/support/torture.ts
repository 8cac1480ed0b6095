/**
 * What tests under torture share: choices that a seed replays, counting what a process holds, and readers that notice a missing byte.
 *
 * `BERTH_TORTURE_SEED` replays a failure's choices, though not the machine's timing. `BERTH_TORTURE=long` (scripts/torture) makes storms
 * larger; the suite's own are small enough for every run.
 */
import { test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Event, EventPage } from "../../src/contract/system.ts";
import type { Berth } from "./berth.ts";

export const isLong = process.env.BERTH_TORTURE === "long";
const seed = Number(process.env.BERTH_TORTURE_SEED ?? Math.floor(Math.random() * 1_000_000));

/** The suite's size, or the long run's. */
export const scaled = (suite: number, long: number): number => (isLong ? long : suite);

export interface Random {
	/** In [0, 1). */
	next(): number;
	/** A whole number in [from, to]. */
	between(from: number, to: number): number;
	pick<T>(from: readonly T[]): T;
	bytes(count: number): Uint8Array;
	/**
	 * Choices of somebody's own. Whoever acts at the same time as others needs them: choices that several take in turn depend on who comes
	 * first, and no seed replays that.
	 */
	of(actor: string | number): Random;
}

/** mulberry32: small, and good enough to choose with. */
export function randomFrom(start: number): Random {
	let state = start;
	const next = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
	const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
	return {
		next,
		between,
		pick: (from) => from[between(0, from.length - 1)]!,
		bytes: (count) => Uint8Array.from({ length: count }, () => between(0, 255)),
		of: (actor) => randomFrom(Bun.hash.crc32(`${start} ${actor}`)),
	};
}

/** Milliseconds for one test of this kind; it only matters when something is wrong. */
const LIMIT_MS = isLong ? 60 * 60_000 : 900_000;

/** A test whose choices follow from a seed, which a failure names; `scripts/torture --seed` replays them. */
export function seededTest(name: string, body: (random: Random) => Promise<void>): void {
	test(
		name,
		async () => {
			try {
				await body(randomFrom(seed));
			} catch (error) {
				throw new Error(`with BERTH_TORTURE_SEED=${seed}: ${(error as Error).message}`, { cause: error });
			}
		},
		LIMIT_MS,
	);
}

/** What a process holds. */
export interface Census {
	descriptors: number;
	/** PTY masters and slaves among them. */
	terminals: number;
	sockets: number;
	/** Bytes of memory that are its own (RssAnon). */
	memory: number;
	threads: number;
}

export function censusOf(pid: number): Census {
	const folder = `/proc/${pid}/fd`;
	const targets = readdirSync(folder).map((fd) => {
		try {
			return readlinkSync(`${folder}/${fd}`);
		} catch {
			return "closed meanwhile";
		}
	});
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
	return {
		descriptors: targets.length,
		terminals: targets.filter((target) => /^\/dev\/(ptmx|pts\/)/.test(target)).length,
		sockets: targets.filter((target) => target.startsWith("socket:")).length,
		memory: field("RssAnon") * 1024,
		threads: field("Threads"),
	};
}

/** Every event that is kept, page by page. */
export async function allEvents(berth: Berth): Promise<Event[]> {
	const events: Event[] = [];
	for (let after = 0; ; ) {
		const page = (await berth.api<EventPage>("GET", `/events?after=${after}`)).body;
		events.push(...page.events);
		if (page.next === after || page.events.length === 0) return events;
		after = page.next;
	}
}

/** What of these events cannot be: a number given twice or going back, a generation that began or ended twice. */
export function contradictions(events: readonly Event[]): string[] {
	const found: string[] = [];
	const seen = new Map<string, number>();
	let last = 0;
	for (const { seq, type, workerId, data } of events) {
		if (seq <= last) found.push(`event ${seq} came after ${last}`);
		last = seq;
		const step = /^worker\.(exited|lost)$/.test(type) ? "end" : type;
		if (step !== "end" && step !== "worker.running") continue;
		const key = `${workerId} generation ${data.generation} ${step}`;
		seen.set(key, (seen.get(key) ?? 0) + 1);
	}
	for (const [key, count] of seen) if (count > 1) found.push(`${key}: ${count} times`);
	return found;
}
