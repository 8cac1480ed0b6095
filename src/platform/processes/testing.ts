/** Real processes for tests: started here, ended here by their own identity. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livingProcess, type ProcessIdentity, readProcess, signalProcess } from "./index.ts";

export class Nursery implements Disposable {
	readonly folder = mkdtempSync(join(tmpdir(), "bp-"));
	readonly #children: ProcessIdentity[] = [];

	/** Starts a shell script that tells pids with `tell NAME PID`; its environment is only what is given. */
	sh(script: string, env: Record<string, string> = {}): ProcessIdentity {
		const told = `tell() { echo "$2" > "${this.folder}/$1.new"; mv "${this.folder}/$1.new" "${this.folder}/$1"; }\n`;
		const child = Bun.spawn(["/bin/bash", "-c", told + script], {
			env: { PATH: process.env.PATH ?? "/usr/bin:/bin", ...env },
			cwd: this.folder,
			stdin: "ignore",
			stdout: "ignore",
			stderr: "ignore",
			detached: true,
		});
		child.unref();
		return this.adopt(child.pid);
	}

	/** A process that a script started: ended with the others. */
	adopt(pid: number): ProcessIdentity {
		const info = readProcess(pid);
		if (!info) throw new Error(`process ${pid} has ended already`);
		const identity = { pid: info.pid, startTime: info.startTime };
		this.#children.push(identity);
		return identity;
	}

	/** The process whose pid the script told under this name. */
	async told(name: string): Promise<ProcessIdentity> {
		const pid = await eventually(() => {
			try {
				return Number(readFileSync(join(this.folder, name), "utf8")) || null;
			} catch {
				return null;
			}
		}, `the script told ${name}`);
		return this.adopt(pid);
	}

	[Symbol.dispose](): void {
		for (const child of this.#children) signalProcess(child, "SIGKILL");
		rmSync(this.folder, { recursive: true, force: true });
	}
}

export function runs(identity: ProcessIdentity): boolean {
	return livingProcess(identity) !== null;
}

/** Waits for a condition; throws with the sentence when it does not come. */
export async function eventually<T>(
	look: () => T | null | false,
	sentence: string,
	limitMs = 10_000,
): Promise<T> {
	const deadline = performance.now() + limitMs;
	for (;;) {
		const value = look();
		if (value !== null && value !== false) return value;
		if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${sentence}`);
		await Bun.sleep(2);
	}
}

export const clock = { now: () => performance.now(), sleep: (ms: number) => Bun.sleep(ms) };

/**
 * A test asserts no speed: on a busy machine all takes longer. Times this margin a promised limit still tells an answer from one that
 * waits for something else.
 */
export const LOAD_MARGIN = 5;
