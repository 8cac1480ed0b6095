/**
 * Follows a generation's output as it is written, from any process, at the reader's own pace.
 *
 * Ownership: the loop that iterates owns one inotify watch on the folder and nothing else. It is given back when the loop ends,
 * breaks or is aborted. A follower cannot slow the writer; one that falls behind further than the journal's limit sees the
 * jump in the offsets.
 */
import { type FSWatcher, watch } from "node:fs";
import { readExitRecord } from "./exit-record.ts";
import { type JournalChunk, openJournal } from "./reader.ts";

/**
 * Milliseconds between two looks without being woken. With a watch they only cover what a watch cannot see (a network file
 * system); without one (no watches left, folder not made yet) they are what a reader waits at most.
 */
const LOOK_MS = { watched: 1000, unwatched: 50 } as const;

/**
 * All output from `from` on, then what comes, until the exit record is there and everything before it was given. A piece whose
 * offset is not the end of the one before tells that the bytes between are not kept; an empty piece at the very end tells the
 * same of the last bytes. Ends quietly when `signal` is aborted. A generation whose holder died without an exit record never
 * ends by itself: whoever knows that aborts.
 */
export async function* followJournal(
	dir: string,
	from: number,
	signal: AbortSignal,
): AsyncGenerator<JournalChunk, void, void> {
	const journal = openJournal(dir);
	const wake = new WakeUp(dir, signal);
	let at = from;
	try {
		while (!signal.aborted) {
			// Armed before the look: what is written after it is seen now or wakes the next round.
			wake.arm();
			// The record is looked for before the output: when it is there, the output is complete.
			const exit = readExitRecord(dir);
			for (const chunk of journal.chunks(at)) {
				if (signal.aborted) return;
				yield chunk;
				at = chunk.offset + chunk.bytes.length;
			}
			if (exit !== null) {
				if (exit.offset > at) yield { offset: exit.offset, bytes: new Uint8Array(0) };
				return;
			}
			await wake.next();
		}
	} finally {
		wake.close();
	}
}

/** "Something may have changed in the folder since `arm`", by watch, by timer and by abort. */
class WakeUp {
	#dir: string;
	#signal: AbortSignal;
	#watcher: FSWatcher | null = null;
	#woken = false;
	#resolve: (() => void) | null = null;
	#wake = () => {
		this.#woken = true;
		this.#resolve?.();
	};

	constructor(dir: string, signal: AbortSignal) {
		this.#dir = dir;
		this.#signal = signal;
		signal.addEventListener("abort", this.#wake);
	}

	/** Forgets earlier wakes and makes sure that later ones are noticed. */
	arm(): void {
		this.#woken = false;
		if (this.#watcher !== null) return;
		try {
			const watcher = watch(this.#dir, { persistent: false }, this.#wake);
			this.#watcher = watcher;
			watcher.on("error", () => {
				watcher.close();
				if (this.#watcher === watcher) this.#watcher = null;
				this.#wake();
			});
		} catch {
			// The folder is not there yet, or the user's inotify watches are used up: the timer does the work.
			this.#watcher = null;
		}
	}

	async next(): Promise<void> {
		if (this.#woken || this.#signal.aborted) return;
		const limit = this.#watcher === null ? LOOK_MS.unwatched : LOOK_MS.watched;
		let timer: Timer | undefined;
		await new Promise<void>((resolve) => {
			this.#resolve = resolve;
			timer = setTimeout(resolve, limit);
		});
		clearTimeout(timer);
		this.#resolve = null;
	}

	close(): void {
		this.#signal.removeEventListener("abort", this.#wake);
		this.#watcher?.close();
		this.#watcher = null;
	}
}
