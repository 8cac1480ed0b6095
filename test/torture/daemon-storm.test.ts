/**
 * The daemon dies again and again, at moments that nobody chose, while twenty sessions print and others end. What every reader gets must be
 * what was printed, without a hole, and every exit must be known afterwards.
 */
import { expect } from "bun:test";
import { join } from "node:path";
import { followEvents } from "../../src/client/events.ts";
import type { Session } from "../../src/contract/session.ts";
import type { Event } from "../../src/contract/system.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, contradictions, type Random, scaled, seededTest } from "../support/torture.ts";

const SESSIONS = 20;
const KILLS = scaled(50, 150);

/**
 * Prints fifty numbered lines 40 times a second until the file in argv[0] exists, then `end N` and exits with argv[1]. Twenty programs that
 * wake up more often keep two processors from everything else, the daemons among it whose deaths this is about. Perl is in every Debian.
 */
const PRINTER =
	'$| = 1; for ($i = 1; !-e $ARGV[0]; select undef, undef, undef, 0.025) { print map("line " . $i++ . "\\n", 1 .. 50) } print "end ", $i - 1, "\\n"; exit $ARGV[1]';

/** A reader by offset over HTTP, which carries on from what it has when the daemon is gone. */
class OffsetReader {
	readonly #berth: Berth;
	readonly #ref: string;
	readonly #chunks: Uint8Array[] = [];
	offset = 0;
	readonly holes: string[] = [];

	constructor(berth: Berth, ref: string) {
		this.#berth = berth;
		this.#ref = ref;
	}

	get text(): string {
		return Buffer.concat(this.#chunks).toString("latin1");
	}

	/** Reads what there is; false when the daemon did not answer. */
	async read(): Promise<boolean> {
		try {
			const response = await this.#berth.fetch(`/sessions/${this.#ref}/journal?from=${this.offset}`);
			const start = Number(response.headers.get("berth-start-offset"));
			if (response.status !== 200 || start !== this.offset) {
				this.holes.push(`${response.status}, start ${start} for ${this.offset}`);
				return false;
			}
			// A body that is cut short by the daemon's death counts as far as it came.
			for await (const chunk of response.body!) {
				this.#chunks.push(chunk);
				this.offset += chunk.length;
			}
			return true;
		} catch {
			return false;
		}
	}
}

function expectedOutput(text: string): string {
	const lines = Number(/end (\d+)\r\n$/.exec(text)?.[1]);
	return `${Array.from({ length: lines }, (_, at) => `line ${at + 1}`).join("\r\n")}\r\nend ${lines}\r\n`;
}

async function make(berth: Berth, name: string, command: string[]): Promise<Session> {
	const { status, body } = await berth.api<Session>("POST", "/sessions", { name, command, port: null });
	expect(status).toBe(201);
	return body;
}

/** Sessions that end by themselves, most of them while no daemon looks: how each must have ended. */
async function makeMortals(berth: Berth, random: Random): Promise<Map<string, number | string>> {
	const mortals = new Map<string, number | string>();
	for (let n = 0; n < SESSIONS; n++) {
		const seconds = (random.next() * 8).toFixed(2);
		const code = random.between(0, 255);
		const how = n % 3 === 0 ? "kill -TERM $$" : `exit ${code}`;
		const { id } = await make(berth, `mortal-${n}`, ["sh", "-c", `sleep ${seconds}; ${how}`]);
		mortals.set(id, n % 3 === 0 ? "TERM" : code);
	}
	return mortals;
}

seededTest(
	"kill -9 of the daemon at random moments under load loses no session, no byte and no exit, and no event comes twice",
	async (random) => {
		await using berth = await Berth.start();
		const stop = join(berth.home, "stop");
		const printers: Session[] = [];
		for (let n = 0; n < SESSIONS; n++) {
			printers.push(await make(berth, `printer-${n}`, ["perl", "-e", PRINTER, stop, String(n)]));
		}
		const pids = printers.map(({ workers }) => workers[0]!.pid!);
		const mortals = await makeMortals(berth, random);

		const attached = await Promise.all(
			printers.map(({ workers }) =>
				Attached.open(workers[0]!.socket!, { role: "viewer", from: 0, generation: 1 }),
			),
		);
		const readers = printers.map(({ id }) => new OffsetReader(berth, id));
		const stormIsOver = new AbortController();
		const reading = Promise.all(
			readers.map(async (reader, n) => {
				const pace = random.of(`reader ${n}`);
				while (!stormIsOver.signal.aborted) {
					await reader.read();
					await Bun.sleep(pace.between(20, 300));
				}
			}),
		);
		const heard: Event[] = [];
		const fetcher = async (path: string, init?: RequestInit) => {
			const response = await berth.fetch(path, init);
			if (!response.ok) throw new Error(`${response.status}`);
			return response;
		};
		const enough = new AbortController();
		const listening = (async () => {
			for await (const event of followEvents(fetcher, { after: 0 }, enough.signal)) heard.push(event);
		})();

		const killer = random.of("killer");
		for (let kill = 0; kill < KILLS; kill++) {
			await Bun.sleep(killer.next() ** 2 * 250);
			const daemon = await berth.daemonPid();
			process.kill(daemon, "SIGKILL");
			await until(() => !alive(daemon), "the daemon is gone");
			await berth.startDaemon();
		}
		expect(pids.filter((pid) => !alive(pid))).toEqual([]);
		await Bun.write(stop, "");

		const ended = async (id: string) => {
			const { body } = await berth.api<Session>("GET", `/sessions/${id}`);
			return body.workers[0]!.state === "exited" && body.workers[0]!.exit;
		};
		for (const [code, { id }] of printers.entries()) {
			const exit = await until(() => ended(id), `printer ${code} has ended`);
			expect(exit).toEqual({ code, signal: null, reason: "exited" });
		}
		for (const [id, how] of mortals) {
			const exit = await until(() => ended(id), `${id} has ended`);
			const wanted = typeof how === "number" ? { code: how, signal: null } : { code: null, signal: how };
			expect(exit).toEqual({ ...wanted, reason: "exited" });
		}

		stormIsOver.abort();
		await reading;
		for (const [at, reader] of readers.entries()) {
			expect(await reader.read()).toBe(true);
			expect(reader.holes).toEqual([]);
			// Compared by truth, not shown: a difference would be megabytes of text.
			expect(reader.text === expectedOutput(reader.text), `journal of printer ${at}`).toBe(true);
			expect(attached[at]!.contiguous, `stream of printer ${at}`).toBe(true);
			if (attached[at]!.snapshots.length === 0) {
				expect(attached[at]!.output === reader.text, `stream of printer ${at}`).toBe(true);
			}
		}

		const events = await allEvents(berth);
		expect(contradictions(events)).toEqual([]);
		await until(() => heard.at(-1)?.seq === events.at(-1)!.seq, "the follower has every event");
		expect(heard.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
		expect(events.filter(({ type }) => type === "worker.exited").length).toBe(2 * SESSIONS);
		expect(events.filter(({ type }) => type === "daemon.started").length).toBe(KILLS + 1);
		enough.abort();
		await listening;
		for (const client of attached) client.close();
	},
);
