/**
 * What `run`, `wait` and shell integration see of the worker: the terminal as a stream of bytes with offsets, and a clock. The
 * holder implements it; tests pass in their own around a real PTY.
 */
import type { Exit } from "../contract/state.ts";

/** Bytes of output and the offset of the first. Valid until the call returns. Called after the journal has them. */
export type OutputListener = (bytes: Uint8Array, offset: number) => void;

export interface WorkerTerminal {
	/** Input to the process. */
	write(bytes: Uint8Array): void;
	/** End of the output so far, and the first offset still kept. */
	readonly offset: number;
	readonly startOffset: number;
	/** Bytes `[from, to)` of the output, from the journal; starts later when the start is no longer kept. */
	read(from: number, to: number): { offset: number; bytes: Uint8Array };
	/** The visible screen's rows as text. */
	screenLines(): string[];
	/** How the process ended; null while it runs. */
	readonly exit: Exit | null;
	/** The process group in the foreground, and that of the worker's own process. */
	foregroundGroup(): number | null;
	readonly pid: number;
	/** Sends a signal to the foreground group. */
	signalForeground(signal: "INT"): void;
	/** Each returns its own removal. */
	onOutput(listener: OutputListener): () => void;
	onExit(listener: (exit: Exit) => void): () => void;
	/** Milliseconds on a clock that nobody sets. */
	ticks(): number;
}
