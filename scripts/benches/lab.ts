/**
 * Where everything of one run lives: a temporary folder, the environment that all contestants get, and the processes started from it.
 * The run owns it; `dispose` ends what is left by its process id and removes the folder.
 */
import { mkdtempSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLeftovers, leftoverProcesses } from "../leftovers.ts";

/** Milliseconds that processes get to end once they were killed. */
export const END_LIMIT_MS = 20_000;

/** Prompt of the shells here: found in any output, and nowhere else. */
export const PROMPT = "BENCH> ";

export class Lab implements AsyncDisposable {
	readonly dir: string;

	constructor() {
		// Short, because paths of unix sockets are short.
		this.dir = realpathSync(mkdtempSync(join(tmpdir(), "bb-")));
	}

	path(...names: string[]): string {
		return join(this.dir, ...names);
	}

	/** What every contestant gets; `own` is the contestant's folder, by which its processes are found again. */
	env(own: string, extra: Record<string, string> = {}): Record<string, string> {
		return {
			PATH: process.env.PATH ?? "/usr/bin:/bin",
			HOME: this.dir,
			LANG: "C.UTF-8",
			SHELL: "/bin/bash",
			TERM: "xterm-256color",
			BENCH_FOLDER: own,
			...extra,
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await endLeftovers(this.dir, END_LIMIT_MS);
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** Processes that carry this folder in their environment or arguments; with `program` only those that run that file. */
export function processesOf(folder: string, program?: string): number[] {
	const pids = leftoverProcesses(folder).map(({ pid }) => pid);
	return program === undefined ? pids : pids.filter((pid) => programOf(pid) === program);
}

/** Null for one that has ended meanwhile. */
function programOf(pid: number): string | null {
	try {
		return readlinkSync(`/proc/${pid}/exe`);
	} catch {
		return null;
	}
}

/** Runs a command to its end; throws what it said when it failed. */
export async function run(argv: string[], env: Record<string, string>, cwd?: string): Promise<string> {
	const child = Bun.spawn(argv, { env, cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
	const [code, out, err] = await Promise.all([
		child.exited,
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
	]);
	if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${err || out}`);
	return out;
}

/** Waits for a condition; throws with the sentence when it does not come true. */
export async function until(
	condition: () => boolean | Promise<boolean>,
	sentence: string,
	limitMs = 60_000,
): Promise<void> {
	const deadline = performance.now() + limitMs;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${sentence}`);
		await Bun.sleep(5);
	}
}
