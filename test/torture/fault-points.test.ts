/**
 * The daemon dies, as by `kill -9`, at every single step that changes something: before and after each write, rename, signal and process
 * started, and around each commit. Then another daemon comes up. Each operation is killed at its first point, its second, and so on,
 * until it comes through; what is killed is the executable as it is shipped (test/support/fault-points.ts).
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { allEvents, contradictions } from "../support/torture.ts";

/** More than any operation has; reaching it means that an operation never comes through. */
const MOST_POINTS = 150;
const LIMIT_MS = 900_000;

class Faulty implements AsyncDisposable {
	readonly berth: Berth;
	readonly #file: string;

	private constructor(berth: Berth) {
		this.berth = berth;
		this.#file = join(berth.home, "fault");
	}

	static async home(): Promise<Faulty> {
		return new Faulty(await Berth.home());
	}

	/** The daemon's start; false when it died on the way. */
	async start(): Promise<boolean> {
		const preload = join(import.meta.dir, "../support/fault-points.ts");
		const env = { BUN_OPTIONS: `--preload=${preload}`, BERTH_FAULT_FILE: this.#file };
		return (await this.berth.run(["daemon", "start"], { env })).code === 0;
	}

	arm(point: number): void {
		writeFileSync(this.#file, String(point));
	}

	/** Disarms; the points that were met. */
	disarm(): string[] {
		rmSync(this.#file, { force: true });
		const met = `${this.#file}.met`;
		const points = existsSync(met) ? readFileSync(met, "utf8").trim().split("\n") : [];
		rmSync(met, { force: true });
		return points;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.berth[Symbol.asyncDispose]();
	}
}

/** The answer's status; null when the daemon died under the request. */
async function ask(berth: Berth, method: string, path: string, body?: object): Promise<number | null> {
	try {
		return (await berth.api(method, path, body)).status;
	} catch {
		return null;
	}
}

const command = ["sh", "-c", "sleep 600 & exec cat"];
const newSession = (name: string) => ({ name, command, port: null });

async function settled(berth: Berth, name: string): Promise<Session | null> {
	return (
		await until(async () => {
			const { status, body } = await berth.api<Session>("GET", `/sessions/${name}`);
			if (status === 404) return { session: null };
			expect(status).toBe(200);
			const onItsWay = body.workers.some(({ state }) => state === "starting" || state === "stopping");
			return !onItsWay && { session: body };
		}, `${name} is in a lasting state`)
	).session;
}

interface Operation {
	name: string;
	/** Sessions that exist before. */
	prepared: boolean;
	act(berth: Berth, name: string): Promise<number | null>;
	/** What may have become of the session; `answered` when the operation said it was done. */
	check(session: Session | null, answered: boolean): void;
}

const stateOf = (session: Session | null) => session?.workers[0]?.state ?? "absent";

const operations: Operation[] = [
	{
		name: "create",
		prepared: false,
		act: (berth, name) => ask(berth, "POST", "/sessions", newSession(name)),
		check(session, answered) {
			expect(answered ? ["running"] : ["running", "exited", "absent"]).toContain(stateOf(session));
			if (stateOf(session) === "exited") expect(session!.workers[0]!.exit!.reason).toBe("failed");
		},
	},
	...(["close", "kill"] as const).map(
		(verb): Operation => ({
			name: verb,
			prepared: true,
			act: (berth, name) => ask(berth, "POST", `/sessions/${name}/${verb}`),
			check(session, answered) {
				expect(answered ? ["exited"] : ["running", "exited"]).toContain(stateOf(session));
				const ended = verb === "close" ? "closed" : "killed";
				if (stateOf(session) === "exited") expect(session!.workers[0]!.exit!.reason).toBe(ended);
			},
		}),
	),
	{
		name: "restart",
		prepared: true,
		act: (berth, name) => ask(berth, "POST", `/sessions/${name}/restart`),
		check(session, answered) {
			expect(answered ? ["running"] : ["running", "exited"]).toContain(stateOf(session));
			const { generation, exit } = session!.workers[0]!;
			if (answered) expect(generation).toBe(2);
			else if (exit !== null) expect(["stopped", "failed"]).toContain(exit.reason);
		},
	},
	{
		name: "forget",
		prepared: true,
		async act(berth, name) {
			const status = await ask(berth, "POST", `/sessions/${name}/kill`);
			return status === 200 ? ask(berth, "DELETE", `/sessions/${name}`) : status;
		},
		check(session, answered) {
			expect(answered ? ["absent"] : ["absent", "running", "exited"]).toContain(stateOf(session));
		},
	},
];

describe.concurrent("the daemon killed with -9 at every step", () => {
	test.each(operations)(
		"$name: nothing half-made, nothing lost, nothing left",
		async ({ name: verb, prepared, act, check }) => {
			await using faulty = await Faulty.home();
			const { berth } = faulty;
			expect(await faulty.start()).toBe(true);
			let died = 0;
			for (let point = 1; ; point++) {
				expect(point).toBeLessThan(MOST_POINTS);
				const name = `${verb}-${point}`;
				if (prepared) expect(await ask(berth, "POST", "/sessions", newSession(name))).toBe(201);
				const daemon = await berth.daemonPid();
				faulty.arm(point);
				const status = await act(berth, name);
				const met = faulty.disarm();
				const where = `died at point ${point}: ${met.at(-1)}`;
				const answered = status === 200 || status === 201;
				if (status !== null) expect(answered, `${where}: answered ${status}`).toBe(true);
				// It may have died right after the answer, at what it does later.
				const survived = met.length < point;
				if (!survived) {
					died++;
					await until(() => !alive(daemon), "the daemon is gone");
					expect(await faulty.start(), where).toBe(true);
				}
				try {
					const session = await settled(berth, name);
					check(session, answered);
					await clearAway(berth, session, daemon);
				} catch (error) {
					throw new Error(`${where}: ${(error as Error).message}`);
				}
				if (survived) break;
			}
			// How many steps there are depends on what falls together; none would mean that nothing was tried.
			expect(died).toBeGreaterThan(2);
			expect(contradictions(await allEvents(berth))).toEqual([]);
		},
		LIMIT_MS,
	);

	test(
		"migrate: the database is as before or as after, and the next start serves",
		async () => {
			let died = 0;
			await using undisturbed = await Berth.start();
			const whole = schemaOf(undisturbed);
			for (let point = 1; ; point++) {
				expect(point).toBeLessThan(MOST_POINTS);
				await using faulty = await Faulty.home();
				faulty.arm(point);
				const started = await faulty.start();
				const met = faulty.disarm();
				if (met.length < point) {
					expect(started).toBe(true);
					break;
				}
				died++;
				const where = `died at point ${point}: ${met.at(-1)}`;
				expect(await faulty.start(), where).toBe(true);
				expect([where, ...schemaOf(faulty.berth)]).toEqual([where, ...whole]);
				expect(await ask(faulty.berth, "POST", "/sessions", newSession("made")), where).toBe(201);
			}
			expect(died).toBeGreaterThan(10);
		},
		LIMIT_MS,
	);
});

/** The database's version, and all that it is made of. */
function schemaOf({ home }: Berth): unknown[] {
	using database = new Database(join(home, "state/berth.db"), { readonly: true });
	return [
		database.query("PRAGMA user_version").get(),
		...database.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all(),
	];
}

/** Works with what is there as if nothing had happened, then ends it: no process, folder or socket may be left. */
async function clearAway(berth: Berth, session: Session | null, oldDaemon: number): Promise<void> {
	if (session !== null) {
		const path = `/sessions/${session.id}`;
		if (stateOf(session) === "running") {
			expect((await berth.api("GET", `${path}/screen?format=json`)).status).toBe(200);
			expect(alive(session.workers[0]!.pid!)).toBe(true);
		} else expect((await berth.api("POST", `${path}/restart`)).status).toBe(200);
		expect((await berth.api("POST", `${path}/kill`)).status).toBe(200);
		expect((await berth.api("DELETE", path)).status).toBe(200);
	}
	const daemon = await berth.daemonPid();
	await until(
		() => berth.processes().every((pid) => pid === daemon || pid === oldDaemon || !alive(pid)),
		"nothing but the daemon is left",
	);
	expect(readdirSync(join(berth.home, "run")).filter((name) => name !== "berth.sock")).toEqual([]);
	const workers = join(berth.home, "state/workers");
	expect(existsSync(workers) ? readdirSync(workers) : []).toEqual([]);
}
