import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Worker } from "../../contract/session.ts";
import { type SignalName, signalNumber } from "../../contract/signals.ts";
import { shellStatus } from "../../contract/state.ts";
import { followJournal } from "../../journal/follow.ts";
import { type Api, primaryWorker } from "../api.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type Run, UsageError } from "../command.ts";
import type { Parsed } from "../command-spec.ts";
import { callerEnvironment } from "../environment.ts";
import { journalDir } from "../journal.ts";
import { LineEnds } from "../output/bytes.ts";
import type { exec } from "../registry/drive.ts";
import { parseEnv } from "../text/assignments.ts";

/** Signals that reach the command instead of us. */
const forwarded = ["INT", "TERM", "HUP", "QUIT"] as const satisfies readonly SignalName[];

/** Milliseconds between looks at the worker's state: a holder that died leaves nobody to say that it is over. */
const STATE_LOOK_MS = 1000;

/** Milliseconds that the daemon may take to learn of an exit that is on disk already, and between looks. */
const RECORDED_MS = { limit: 10_000, look: 10 } as const;

export const run: Run<typeof exec> = async (cli, parsed) => {
	const { flags } = parsed;
	if (flags.session !== undefined && (flags.name !== undefined || flags.keep)) {
		throw new UsageError("--name and --keep are for a session of its own, not with --session", "exec");
	}
	const api = await cli.api();
	const worker = await start(cli, api, parsed);
	const job = new Job(cli, api, worker, flags.json);
	const stopForwarding = job.forwardSignals();
	let over = false;
	try {
		const timedOut = await job.stream(flags.timeout);
		const ended = await job.ended();
		over = true;
		if (flags.json) cli.printJson(ended);
		if (timedOut) {
			cli.note(`berth: the command was killed after ${flags.timeout} ms`);
			return EXIT.timeout;
		}
		if (ended.exit?.reason === "lost")
			throw new BerthError("holder_unreachable", "the command's holder died; how it ended is unknown");
		return shellStatus(ended.exit!, signalNumber);
	} finally {
		stopForwarding();
		// Nobody takes the output any more, as in `berth exec … | head`: a command at the end of a pipe would end as well.
		if (!over) await job.kill();
		if (flags.session === undefined && !flags.keep) await answer(api.session(worker.sessionId).delete());
	}
};

async function start(cli: Cli, api: Api, { flags, argv }: Parsed<typeof exec>): Promise<Worker> {
	const env = parseEnv(flags.env, cli.env, "exec");
	const size = cli.window ?? {};
	if (flags.session !== undefined) {
		const cwd = flags.cwd === undefined ? {} : { cwd: resolve(cli.cwd, flags.cwd) };
		return answer(api.session(flags.session).workers.post({ command: argv!, env, ...cwd, ...size }));
	}
	const session = await answer(
		api.routes.sessions.post({
			command: argv!,
			cwd: resolve(cli.cwd, flags.cwd ?? "."),
			baseEnv: callerEnvironment(cli.env),
			env,
			port: null,
			...(flags.name === undefined ? {} : { name: flags.name }),
			...size,
		}),
	);
	return primaryWorker(session);
}

/** One command under way: its output to ours, our signals to it. */
class Job {
	readonly #cli: Cli;
	readonly #api: Api;
	readonly #worker: Worker;
	readonly #silent: boolean;

	constructor(cli: Cli, api: Api, worker: Worker, silent: boolean) {
		this.#cli = cli;
		this.#api = api;
		this.#worker = worker;
		this.#silent = silent;
	}

	get #routes() {
		return this.#api.worker(this.#worker.sessionId, this.#worker.id);
	}

	/** Prints the output as it comes until the command ended; true when it was killed for taking too long. */
	async stream(timeoutMs: number | undefined): Promise<boolean> {
		const over = new AbortController();
		let timedOut = false;
		const timer =
			timeoutMs === undefined
				? null
				: setTimeout(() => {
						timedOut = true;
						this.#attempt(() => this.kill());
					}, timeoutMs);
		const look = setInterval(async () => {
			if (await this.#isLost()) over.abort();
		}, STATE_LOOK_MS);
		const lineEnds = new LineEnds();
		try {
			for await (const { bytes } of followJournal(journalDir(this.#cli, this.#worker), 0, over.signal)) {
				if (!this.#silent) this.#cli.write(lineEnds.push(bytes));
			}
			if (!this.#silent) this.#cli.write(lineEnds.end());
		} finally {
			clearInterval(look);
			if (timer !== null) clearTimeout(timer);
		}
		return timedOut;
	}

	async kill(): Promise<void> {
		await answer(this.#routes.kill.post());
	}

	/** The worker once the daemon has recorded its end. */
	async ended(): Promise<Worker> {
		const deadline = performance.now() + RECORDED_MS.limit;
		for (;;) {
			const worker = await answer(this.#routes.get());
			if (worker.exit !== null) return worker;
			if (performance.now() > deadline) {
				throw new BerthError(
					"internal",
					"the command has ended, but the daemon has not noticed; berth doctor may tell why",
				);
			}
			await Bun.sleep(RECORDED_MS.look);
		}
	}

	/** Returns the removal. */
	forwardSignals(): () => void {
		const handlers = forwarded.map((signal) => {
			const handler = () => this.#attempt(() => answer(this.#routes.signal.post({ signal })));
			process.on(`SIG${signal}`, handler);
			return () => process.off(`SIG${signal}`, handler);
		});
		return () => {
			for (const remove of handlers) remove();
		};
	}

	/** While the daemon cannot be asked nothing is lost: the command does not need it. */
	async #isLost(): Promise<boolean> {
		try {
			return (await answer(this.#routes.get())).state === "lost";
		} catch (error) {
			return BerthError.from(error).status < 500;
		}
	}

	/** For callbacks: what fails is told, and the command is followed on. */
	#attempt(act: () => Promise<unknown>): void {
		act().catch((error: unknown) => {
			const failure = BerthError.from(error);
			if (failure.code !== "session_ended") this.#cli.note(`berth: ${failure.message}`);
		});
	}
}
