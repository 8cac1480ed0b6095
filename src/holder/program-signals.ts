/**
 * What a program says to its terminal besides drawing: how far it is, and what a person should see.
 *
 *   OSC 9 ; 4 ; STATE ; PERCENT     progress (ConEmu's): 0 none, 1 normal, 2 error, 3 indeterminate, 4 warning; a state without PERCENT has none
 *   OSC 9 ; TEXT                    a notification (iTerm2's). ConEmu has commands there too, 1 to 12: they are none
 *   OSC 777 ; notify ; TITLE ; TEXT a notification (urxvt's)
 *
 * Anybody who writes to the terminal can send them, so they are told and never trusted. Both are limited in size here, and in number where
 * they are told (notices.ts).
 */
import type { Notice, ProgressState } from "../contract/link.ts";
import { OscScanner } from "./shell/osc-scanner.ts";

export type ProgramSignal = Extract<Notice, { kind: "progress" | "notification" }>;

const PREFIXES = ["9;", "777;notify;"];

/** Characters of a notification's title and text: what somebody reads at a glance. */
const TEXT_LIMIT = { title: 100, body: 500 } as const;

const progressStates: readonly ProgressState[] = ["none", "normal", "error", "indeterminate", "warning"];
const PROGRESS = /^4;([0-4])(?:;(\d{1,3})?)?;?$/;
const CONEMU_COMMAND = /^(?:[1-9]|1[0-2])(?:;|$)/;

export class ProgramSignals {
	readonly #scanner: OscScanner;

	constructor(tell: (signal: ProgramSignal) => void) {
		this.#scanner = new OscScanner(PREFIXES, ({ payload }) => {
			const signal = parseSignal(payload);
			if (signal) tell(signal);
		});
	}

	/** Fed with all output in order; costs one native search of a chunk without an OSC. */
	feed(bytes: Uint8Array, offset: number): void {
		this.#scanner.push(bytes, offset);
	}
}

/** Reads the text between `ESC ]` and its terminator; null when it says none of this. */
export function parseSignal(payload: string): ProgramSignal | null {
	if (payload.startsWith("777;notify;")) {
		const [title = "", ...body] = payload.slice("777;notify;".length).split(";");
		return notification(title, body.join(";"));
	}
	const text = payload.slice("9;".length);
	const progress = PROGRESS.exec(text);
	if (progress) {
		const state = progressStates[Number(progress[1])]!;
		const percent = state === "none" || state === "indeterminate" ? undefined : progress[2];
		return { kind: "progress", state, value: percent === undefined ? null : Math.min(100, Number(percent)) };
	}
	return CONEMU_COMMAND.test(text) ? null : notification("", text);
}

function notification(title: string, body: string): ProgramSignal | null {
	const shown = (text: string, limit: number): string =>
		text
			.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ")
			.trim()
			.slice(0, limit);
	const signal = { title: shown(title, TEXT_LIMIT.title), body: shown(body, TEXT_LIMIT.body) };
	return signal.title === "" && signal.body === "" ? null : { kind: "notification", ...signal };
}
