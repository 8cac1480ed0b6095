/**
 * A journal as an asciicast recording, line by line (newline-delimited JSON).
 *
 *   version 3   https://docs.asciinema.org/manual/asciicast/v3/   seconds since the event before, exit status as "x"
 *   version 2   https://docs.asciinema.org/manual/asciicast/v2/   seconds since the start
 *
 * The recording starts where the journal does, with the size in effect there. Both formats hold text, not bytes: a character
 * that a read cuts is given whole with the next event, and what is not UTF-8 becomes U+FFFD. All "o" events together are the
 * output as one decoder gives it; bytes on both sides of a gap are never joined to a character.
 */
import { signalNumber } from "../contract/signals.ts";
import { shellStatus } from "../contract/state.ts";
import { readExitRecord } from "./exit-record.ts";
import type { Size } from "./index-file.ts";
import { timeline } from "./timeline.ts";

export interface RecordingOptions {
	version: 2 | 3;
	title?: string;
	/** The command as a person would type it. */
	command?: string;
	/** The process's environment. Only SHELL and TERM go into the recording, which is made to be shared. */
	env?: Record<string, string | undefined>;
}

/**
 * The lines of the recording, each with its line feed, up to the output's end as it is at the first. Memory is bounded, however
 * long the recording; nothing is open or owed between two lines.
 */
export function* recording(dir: string, options: RecordingOptions): Generator<string, void, void> {
	// The record is looked for before the output: when it is there, the output is complete.
	const exit = readExitRecord(dir);
	// A byte order mark is output like any other character.
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	let events: EventWriter | null = null;
	let offset = 0;
	for (const moment of timeline(dir)) {
		if (moment.kind === "size") {
			if (events !== null) {
				yield events.line(moment.at, "r", `${moment.size.cols}x${moment.size.rows}`);
				continue;
			}
			const startedAt = moment.at || (exit?.at ?? 0);
			yield headerLine(options, startedAt, moment.size);
			events = new EventWriter(options.version, startedAt);
			continue;
		}
		const cut = moment.offset === offset ? "" : decoder.decode();
		const text = cut + decoder.decode(moment.bytes, { stream: true });
		offset = moment.offset + moment.bytes.length;
		if (events !== null && text !== "") yield events.line(moment.at, "o", text);
	}
	if (events === null) return;
	const rest = decoder.decode();
	if (rest !== "") yield events.line(events.at, "o", rest);
	// Version 2 has no exit event, and a status that nobody knows is not made up.
	const isKnown = exit !== null && (exit.code !== null || exit.signal !== null);
	if (options.version === 3 && isKnown)
		yield events.line(exit.at, "x", String(shellStatus(exit, signalNumber)));
}

function headerLine(
	{ version, title, command, env }: RecordingOptions,
	startedAt: number,
	size: Size,
): string {
	const common = { timestamp: startedAt === 0 ? undefined : Math.floor(startedAt / 1000), command, title };
	const { cols, rows } = size;
	// JSON.stringify leaves out what is undefined; only version and size must be there.
	const header =
		version === 2
			? { version, width: cols, height: rows, ...common, env: env && { SHELL: env.SHELL, TERM: env.TERM } }
			: { version, term: { cols, rows, type: env?.TERM }, ...common, env: env && { SHELL: env.SHELL } };
	return `${JSON.stringify(header)}\n`;
}

class EventWriter {
	/** Unix ms of the last event. */
	at: number;
	#version: 2 | 3;
	#startedAt: number;

	constructor(version: 2 | 3, startedAt: number) {
		this.#version = version;
		this.#startedAt = startedAt;
		this.at = startedAt;
	}

	/** An event at this moment; time never goes back. */
	line(at: number, code: "o" | "r" | "x", data: string): string {
		const before = this.#version === 2 ? this.#startedAt : this.at;
		this.at = Math.max(this.at, at);
		const seconds = ((this.at - before) / 1000).toFixed(3);
		return `[${seconds}, ${JSON.stringify(code)}, ${JSON.stringify(data)}]\n`;
	}
}
