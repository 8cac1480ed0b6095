/**
 * A whole Berth of a test's own: an own BERTH_HOME, the program under test (BERTH_BINARY, else the checkout), a daemon when it is
 * asked for. `dispose` ends every session, the daemon and every holder by their own ids, and removes the folder.
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLeftovers, leftoverProcesses } from "../../scripts/leftovers.ts";

/** The program under test as argv. */
export const program: readonly string[] = process.env.BERTH_BINARY
	? [process.env.BERTH_BINARY]
	: [process.execPath, join(import.meta.dir, "../../src/main.ts")];

export interface CommandResult {
	code: number;
	stdout: string;
	stderr: string;
}

export interface CommandOptions {
	env?: Record<string, string>;
	stdin?: string;
	cwd?: string;
}

export class Berth implements AsyncDisposable {
	readonly home: string;
	readonly port: number;
	readonly env: Record<string, string>;

	private constructor(home: string, port: number, extra: Record<string, string>) {
		this.home = home;
		this.port = port;
		this.env = {
			PATH: process.env.PATH ?? "/usr/bin:/bin",
			HOME: home,
			TMPDIR: home,
			LANG: "C.UTF-8",
			SHELL: "/bin/bash",
			TERM: "xterm-256color",
			NO_COLOR: "1",
			BERTH_HOME: home,
			BERTH_PORT: String(port),
			...extra,
		};
	}

	/** A home without a daemon; the CLI starts one when it needs one. */
	static async home(extra: Record<string, string> = {}): Promise<Berth> {
		// Short, because unix socket paths are short.
		const home = realpathSync(mkdtempSync(join(tmpdir(), "b-")));
		return new Berth(home, await freePort(), extra);
	}

	/** A home with a daemon that serves. */
	static async start(extra: Record<string, string> = {}): Promise<Berth> {
		const berth = await Berth.home(extra);
		await berth.startDaemon();
		return berth;
	}

	get socket(): string {
		return join(this.home, "run/berth.sock");
	}

	/** Runs one command of the CLI to its end. */
	async run(args: string[], options: CommandOptions = {}): Promise<CommandResult> {
		const child = Bun.spawn([...program, ...args], {
			env: { ...this.env, ...options.env },
			cwd: options.cwd ?? this.home,
			stdin: options.stdin === undefined ? "ignore" : new TextEncoder().encode(options.stdin),
			stdout: "pipe",
			stderr: "pipe",
		});
		const [code, stdout, stderr] = await Promise.all([
			child.exited,
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
		]);
		return { code, stdout, stderr };
	}

	/** Runs a command that must succeed; its standard output. */
	async ok(args: string[], options: CommandOptions = {}): Promise<string> {
		const { code, stdout, stderr } = await this.run(args, options);
		if (code !== 0) throw new Error(`berth ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
		return stdout;
	}

	/** One request over the daemon's unix socket, which needs no token. */
	fetch(path: string, init: RequestInit = {}): Promise<Response> {
		// A connection of its own: what a pool keeps open would count as the daemon's open files.
		return fetch(`http://localhost${path}`, { ...init, unix: this.socket, keepalive: false } as RequestInit);
	}

	/** A request with a JSON body; the parsed answer with its status. */
	async api<T = Record<string, unknown>>(
		method: string,
		path: string,
		body?: unknown,
	): Promise<{ status: number; body: T }> {
		const init: RequestInit = { method, headers: { accept: "application/json" } };
		if (body !== undefined) {
			init.body = JSON.stringify(body);
			init.headers = { ...init.headers, "content-type": "application/json" };
		}
		const response = await this.fetch(path, init);
		const text = await response.text();
		return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as T };
	}

	async startDaemon(): Promise<void> {
		await this.ok(["daemon", "start"]);
	}

	/** The daemon's process id, from its own answer. */
	async daemonPid(): Promise<number> {
		return (await this.api<{ pid: number }>("GET", "/health")).body.pid;
	}

	/** kill -9 of the daemon; resolves when it is gone. */
	async killDaemon(): Promise<void> {
		const pid = await this.daemonPid();
		process.kill(pid, "SIGKILL");
		await until(() => !alive(pid), "the daemon is gone");
	}

	/** Processes that carry this home in their environment or command line. */
	processes(): number[] {
		return processesOf(this.home);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await endLeftovers(this.home, END_LIMIT_MS);
		if (existsSync(this.home)) rmSync(this.home, { recursive: true, force: true });
	}
}

/** Processes that carry this folder in their environment or command line. */
const processesOf = (home: string): number[] => leftoverProcesses(home).map(({ pid }) => pid);

/** Whether a process exists and is not a zombie. One whose first thread has ended while others run is alive: its sockets are open. */
export function alive(pid: number): boolean {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		return !/^State:\s+Z/m.test(status) || Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]) > 1;
	} catch {
		return false;
	}
}

/** Milliseconds that what a test started gets to end once it was killed, on a machine that is busy with others. */
export const END_LIMIT_MS = 60_000;

/** Milliseconds between two looks at a condition: `looks` times as long as the look itself took, within these bounds. */
const PAUSE = { looks: 4, least: 10, most: 250 } as const;

/** Waits for a condition; throws with the sentence when it does not come. */
export async function until<T>(
	condition: () => T | Promise<T>,
	sentence: string,
	limitMs = 60_000,
): Promise<NonNullable<Exclude<T, false>>> {
	const deadline = Date.now() + limitMs;
	for (;;) {
		const began = performance.now();
		const value = await condition();
		if (value !== false && value !== null && value !== undefined)
			return value as NonNullable<Exclude<T, false>>;
		if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${sentence}`);
		// A look at all processes or at a page takes a processor from what is waited for.
		await Bun.sleep(Math.min(PAUSE.most, Math.max(PAUSE.least, PAUSE.looks * (performance.now() - began))));
	}
}

/** A TCP port on loopback that was free a moment ago. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			const port = typeof address === "object" && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
