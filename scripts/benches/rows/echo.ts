/**
 * A key typed into an attached terminal, until it stands there. All contestants are attached at once and idle; keys go round among them,
 * so that what disturbs the machine disturbs all alike.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { signalProcess } from "../../leftovers.ts";
import { type Bench, type Row, rounds } from "../bench.ts";
import { until } from "../lab.ts";
import { generator } from "../material.ts";
import type { Metric } from "../metric.ts";
import { Terminal } from "../terminal.ts";

const KEYS = { full: 1000, quick: 200 } as const;
/** Keys before counting starts: programs warm up. */
const WARM_UP = 30;
/** Milliseconds between two keys: at random, so that no timer of a contestant falls in step. */
const PAUSE_MS = { least: 2, most: 10 } as const;

/** Keys that no escape sequence contains. */
const MARKS = "@#%&~^|{}";

const program = join(import.meta.dir, "../programs/echo.sh");
const relay = join(import.meta.dir, "../programs/relay.ts");

export const echo: Row = {
	name: "echo",
	about: "keystroke echo through attach",
	async measure(bench) {
		await using stack = new AsyncDisposableStack();
		const typists = new Map<string, Typist>();
		for (const contestant of bench.contestants) {
			const typist = stack.use(new Typist(await echoing(bench, contestant.name, "echo"), contestant.name));
			await typist.ready();
			typists.set(contestant.name, typist);
		}
		const bare = stack.use(await BareRelay.start(bench));
		await bare.ready();
		typists.set(bare.name, bare);
		const samples = new Map<string, number[]>([...typists.keys()].map((name) => [name, []]));
		const random = generator(11);
		const keys = bench.quick ? KEYS.quick : KEYS.full;
		let count = 0;
		for (const typist of rounds(WARM_UP + keys, [...typists.values()])) {
			await Bun.sleep(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
			const ms = await typist.key();
			if (count++ >= WARM_UP * typists.size) samples.get(typist.name)!.push(ms);
		}
		for (const contestant of bench.contestants) await contestant.end("echo");
		const metric: Metric = {
			row: "echo",
			title: "keystroke echo through attach",
			unit: "ms",
			better: "lower",
			series: [...samples].map(([subject, values]) => ({ subject, values })),
			note: "bare relay: two Bun programs that only pass bytes on, without frames, journal or screen",
			goals: [
				{ statistic: "median", bound: { kind: "ratio", subject: "tmux", factor: 1 } },
				{ statistic: "p99", bound: { kind: "ratio", subject: "tmux", factor: 1 } },
			],
		};
		return [metric];
	},
};

/** Starts a session that gives back what is typed, and attaches to it. */
export async function echoing(bench: Bench, subject: string, session: string): Promise<Terminal> {
	const contestant = bench.contestants.find(({ name }) => name === subject)!;
	await contestant.start(session, ["bash", program]);
	return new Terminal(contestant.attach(session), contestant.env, contestant.folder);
}

/** Somebody who types one key and looks whether it has appeared. */
export class Typist implements AsyncDisposable {
	readonly name: string;
	readonly #terminal: Terminal;
	#typed = 0;

	constructor(terminal: Terminal, name: string) {
		this.#terminal = terminal;
		this.name = name;
	}

	/** Types until something comes back: only then is the attachment there. */
	async ready(): Promise<void> {
		for (let tries = 0; tries < 50; tries++) if ((await this.key(200)) !== Number.POSITIVE_INFINITY) return;
		throw new Error(`${this.name} does not echo`);
	}

	/** Milliseconds until the key was shown; Infinity when it was not within the limit. */
	async key(limitMs = 5000): Promise<number> {
		const mark = MARKS[this.#typed++ % MARKS.length]!;
		this.#terminal.forget();
		const shown = this.#terminal.shows(mark, limitMs);
		const started = performance.now();
		this.#terminal.type(mark);
		return (await shown) - started;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#terminal[Symbol.asyncDispose]();
	}
}

/** Somebody at the least that this runtime can do with two processes. */
class BareRelay extends Typist {
	readonly #keeper: Bun.Subprocess;

	private constructor(terminal: Terminal, keeper: Bun.Subprocess) {
		super(terminal, "bare relay");
		this.#keeper = keeper;
	}

	static async start(bench: Bench): Promise<BareRelay> {
		const socket = bench.lab.path("relay.sock");
		const env = bench.lab.env(bench.lab.dir);
		const bun = process.execPath;
		const keeper = Bun.spawn([bun, relay, "keep", socket, "bash", program], {
			env,
			stdio: ["ignore", "inherit", "inherit"],
		});
		await until(() => existsSync(socket), "the bare relay listens");
		return new BareRelay(new Terminal([bun, relay, "show", socket], env), keeper);
	}

	override async [Symbol.asyncDispose](): Promise<void> {
		await super[Symbol.asyncDispose]();
		signalProcess(this.#keeper.pid, "SIGKILL");
		await this.#keeper.exited;
	}
}
