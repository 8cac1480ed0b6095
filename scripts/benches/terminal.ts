/** A user's terminal: a command in a real PTY of 80x24, and what it shows. */
import { signalProcess } from "../leftovers.ts";

/** Bytes of output that are looked back at for a text that chunks have cut. */
const TAIL_BYTES = 64;

export const SIZE = { cols: 80, rows: 24 } as const;

export class Terminal implements AsyncDisposable {
	readonly #child: Bun.Subprocess;
	readonly #startedAt: number;
	#tail = "";
	#wanted: { text: string; found: (at: number) => void } | null = null;
	/** When `text` was first seen is kept for the caller who asks only afterwards. */
	#total = 0;

	constructor(argv: string[], env: Record<string, string>, cwd?: string) {
		this.#startedAt = performance.now();
		this.#child = Bun.spawn(argv, {
			env,
			cwd,
			terminal: { ...SIZE, data: (_, bytes) => this.#received(bytes) },
		});
	}

	get pid(): number {
		return this.#child.pid;
	}

	/** When the command was started, as `performance.now` tells it. */
	get startedAt(): number {
		return this.#startedAt;
	}

	/** Bytes shown so far. */
	get total(): number {
		return this.#total;
	}

	/** The next time that this text is shown, from now on; Infinity when it is not within the limit. */
	shows(text: string, limitMs = 30_000): Promise<number> {
		return new Promise((resolve) => {
			const timer = setTimeout(() => {
				this.#wanted = null;
				resolve(Number.POSITIVE_INFINITY);
			}, limitMs);
			this.#wanted = {
				text,
				found: (at) => {
					clearTimeout(timer);
					this.#wanted = null;
					resolve(at);
				},
			};
		});
	}

	/** What was shown before does not count for the next `shows`. */
	forget(): void {
		this.#tail = "";
	}

	type(text: string): void {
		this.#child.terminal!.write(text);
	}

	/** Closes the window, as a user may at any time. */
	async [Symbol.asyncDispose](): Promise<void> {
		signalProcess(this.#child.pid, "SIGCONT");
		signalProcess(this.#child.pid, "SIGHUP");
		const gone = await Promise.race([this.#child.exited.then(() => true), Bun.sleep(2000).then(() => false)]);
		if (!gone) signalProcess(this.#child.pid, "SIGKILL");
		await this.#child.exited;
		this.#child.terminal!.close();
	}

	#received(bytes: Uint8Array): void {
		this.#total += bytes.length;
		if (this.#wanted === null && bytes.length > TAIL_BYTES) {
			this.#tail = Buffer.from(bytes.subarray(-TAIL_BYTES)).toString("latin1");
			return;
		}
		const text = this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
		if (this.#wanted !== null && text.includes(this.#wanted.text)) {
			const { found } = this.#wanted;
			this.#tail = "";
			found(performance.now());
			return;
		}
		this.#tail = text.slice(-TAIL_BYTES);
	}
}
