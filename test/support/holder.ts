/**
 * A holder of a test's own, started as the daemon starts one: a spec in an own BERTH_HOME, a detached process, one line when it is
 * ready. `dispose` ends the worker's processes and the holder by their own ids and removes the folder.
 */
import { mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "../../src/contract/errors.ts";
import { type ExitRecord, type HolderSpec, LINK_PROTOCOL, type Notice } from "../../src/contract/link.ts";
import { type AttachRequest, OUTPUT, type ServerMessage, SNAPSHOT } from "../../src/contract/stream.ts";
import { holderEnvironment } from "../../src/daemon/services/environment.ts";
import { readExitRecord } from "../../src/journal/exit-record.ts";
import { AttachStream, HolderClient } from "../../src/link/client.ts";
import { alive, program, until } from "./berth.ts";

/** The line that the starter reads. */
export type Ready = { ready: true; pid: number } | { ready: false; problem: Problem };

export const NONCE = "000102030405060708090a0b0c0d0e0f";
export const SESSION = "s_0000000001";
export const WORKER = "w_0000000001";

export class Home implements AsyncDisposable {
	readonly path: string;
	readonly #pids: number[] = [];

	constructor() {
		// Short, because unix socket paths are short.
		this.path = realpathSync(mkdtempSync(join(tmpdir(), "h-")));
		for (const folder of ["state/workers", "run"])
			mkdirSync(join(this.path, folder), { recursive: true, mode: 0o700 });
	}

	get env(): Record<string, string> {
		return { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: this.path, BERTH_HOME: this.path };
	}

	/** A spec as the daemon writes it. */
	spec(change: Partial<HolderSpec> = {}): HolderSpec {
		const workerId = change.workerId ?? WORKER;
		const generation = change.generation ?? 1;
		return {
			protocol: LINK_PROTOCOL,
			sessionId: SESSION,
			sessionName: "test",
			workerId,
			generation,
			nonce: NONCE,
			argv: ["/bin/sh"],
			cwd: this.path,
			env: {
				...this.env,
				TERM: "xterm-256color",
				LANG: "C.UTF-8",
				PS1: "$ ",
				BERTH_SESSION: SESSION,
				BERTH_WORKER: workerId,
			},
			cols: 80,
			rows: 24,
			sizePolicy: "latest",
			port: null,
			pty: "bun",
			screen: "ghostty",
			shellIntegration: false,
			journalLimitBytes: 64 * 1024 * 1024,
			scrollbackLines: 1000,
			socketPath: join(this.path, "run", `${workerId}.sock`),
			generationDir: join(this.path, "state/workers", workerId, `g${generation}`),
			tokensFile: join(this.path, "state/tokens.json"),
			allowedOrigins: [],
			...change,
		};
	}

	writeSpec(spec: HolderSpec): void {
		const folder = join(this.path, "state/workers", spec.workerId);
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		writeFileSync(join(folder, "spec.json"), JSON.stringify(spec), { mode: 0o600 });
	}

	/** Runs the program in the holder's role, as the daemon does; the caller reads its first line. */
	spawn(args: string[]): Bun.Subprocess<"ignore", "pipe", number> {
		const log = openSync(join(this.path, "holder.log"), "a", 0o600);
		const child = Bun.spawn([...program, "holder", ...args], {
			argv0: process.env.BERTH_BINARY ? "berth" : undefined,
			cwd: "/",
			env: holderEnvironment(this.env),
			detached: true,
			stdin: "ignore",
			stdout: "pipe",
			stderr: log,
		});
		this.#pids.push(child.pid);
		return child as Bun.Subprocess<"ignore", "pipe", number>;
	}

	/** Starts a holder that must become ready. */
	async start(change: Partial<HolderSpec> = {}): Promise<Holder> {
		const spec = this.spec(change);
		this.writeSpec(spec);
		const child = this.spawn([spec.workerId]);
		const ready = await readyLine(child.stdout);
		if (!ready.ready) throw new Error(`the holder did not start: ${ready.problem.detail}\n${this.log()}`);
		this.#pids.push(ready.pid);
		return new Holder(spec, child, ready.pid);
	}

	/** Also ends this process at the end. */
	adopt(pid: number): void {
		this.#pids.push(pid);
	}

	log(): string {
		return readFileSync(join(this.path, "holder.log"), "utf8");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const pid of this.#pids) if (alive(pid)) process.kill(pid, "SIGKILL");
		await until(() => !this.#pids.some(alive), "every process of the test has ended");
		rmSync(this.path, { recursive: true, force: true });
	}
}

/** The first line of a holder's standard output. */
export async function readyLine(stdout: ReadableStream<Uint8Array>): Promise<Ready> {
	let text = "";
	const decoder = new TextDecoder();
	for await (const chunk of stdout) text += decoder.decode(chunk, { stream: true });
	if (text === "") throw new Error("the holder ended without its line; see holder.log");
	return JSON.parse(text) as Ready;
}

export class Holder {
	constructor(
		readonly spec: HolderSpec,
		readonly process: Bun.Subprocess,
		/** The worker's own process. */
		readonly pid: number,
	) {}

	get holderPid(): number {
		return this.process.pid;
	}

	connect(onNotice?: (notice: Notice) => void): Promise<HolderClient> {
		return HolderClient.connect(this.spec.socketPath, onNotice ? { onNotice } : {});
	}

	attach(request: Partial<AttachRequest> = {}): Promise<Attached> {
		return Attached.open(this.spec.socketPath, { role: "writer", ...request });
	}

	exitRecord(): ExitRecord | null {
		return readExitRecord(this.spec.generationDir);
	}
}

/** An attached client that writes down what it gets. */
export class Attached {
	readonly messages: ServerMessage[] = [];
	readonly snapshots: { offset: number; bytes: Uint8Array }[] = [];
	/** Output since the last snapshot, as Latin-1. */
	output = "";
	/** Where the next byte of output must start; -1 before anything came. */
	next = -1;
	contiguous = true;
	closed = false;
	#stream!: AttachStream;

	static async open(socketPath: string, request: AttachRequest): Promise<Attached> {
		const client = new Attached();
		client.#stream = await AttachStream.open(socketPath, request, {
			onMessage: (message) => client.#message(message),
			onData: (data) => client.data(data.kind, data.offset, data.bytes),
			onClose: () => {
				client.closed = true;
			},
		});
		return client;
	}

	#message(message: ServerMessage): void {
		this.messages.push(message);
		if (message.type === "hello") this.next = message.offset;
	}

	data(kind: number, offset: number, bytes: Uint8Array): void {
		if (kind === SNAPSHOT) {
			this.snapshots.push({ offset, bytes: bytes.slice() });
			this.output = "";
			this.next = offset;
		} else if (kind === OUTPUT) {
			if (offset !== this.next) this.contiguous = false;
			this.next = offset + bytes.length;
			this.output += Buffer.from(bytes).toString("latin1");
		}
	}

	get hello(): Extract<ServerMessage, { type: "hello" }> | undefined {
		return this.of("hello")[0];
	}

	of<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
		return this.messages.filter(
			(message): message is Extract<ServerMessage, { type: T }> => message.type === type,
		);
	}

	/** The last snapshot and everything after it. */
	get seen(): string {
		const snapshot = this.snapshots.at(-1);
		return (snapshot ? Buffer.from(snapshot.bytes).toString("latin1") : "") + this.output;
	}

	/** Waits until the text has been seen. */
	async sees(text: string): Promise<void> {
		await until(() => this.seen.includes(text), `the client sees ${JSON.stringify(text)}`).catch((error) => {
			throw new Error(`${(error as Error).message}; it saw ${JSON.stringify(this.seen.slice(-300))}`);
		});
	}

	greeted(): Promise<unknown> {
		return until(() => this.hello, "the client is greeted");
	}

	type(text: string): void {
		this.#stream.input(Buffer.from(text));
	}

	resize(cols: number, rows: number): void {
		this.#stream.send({ type: "resize", cols, rows });
	}

	claim(): void {
		this.#stream.send({ type: "claim" });
	}

	repaint(): void {
		this.#stream.send({ type: "repaint" });
	}

	pause(): void {
		this.#stream.pause();
	}

	resume(): void {
		this.#stream.resume();
	}

	close(): void {
		this.#stream.close();
	}
}
