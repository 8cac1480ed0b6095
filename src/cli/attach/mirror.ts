/**
 * The view for a terminal whose size is not the session's: somebody who watches, `--no-resize`, or a desk while the phone has the size.
 * The program's own bytes would wrap and scroll in the wrong places here, so the holder's screen is drawn instead, row by row, cut to
 * what fits around the cursor. What the program asked of the keyboard and the mouse is passed on, for what is typed must mean the same.
 *
 * Owns one control connection to the holder, from the first drawing until `stop`.
 */
import type { ScreenView } from "../../contract/io.ts";
import { HolderClient } from "../../link/client.ts";

export interface MirrorOptions {
	/** The worker's socket as it is now. */
	socket: () => string;
	window: () => { cols: number; rows: number };
	write: (text: string) => void;
}

/** Milliseconds between two drawings: no more often than a person can see. */
const FRAME_MS = 33;

/** Milliseconds that the holder may take for one picture. */
const PICTURE_MS = 2000;

/** DEC private modes that change what keys and the mouse send: cursor keys, mouse tracking and its encodings, focus, paste. */
const INPUT_MODES = new Set([
	"1",
	"9",
	"1000",
	"1002",
	"1003",
	"1004",
	"1005",
	"1006",
	"1015",
	"1016",
	"2004",
]);

/** Private modes, keypad, kitty keyboard, modifyOtherKeys. */
const MODES = /\x1b\[\?([0-9;]+)([hl])|\x1b[=>]|\x1b\[[<=>][0-9;]*u|\x1b\[>4[0-9;]*m/g;

export class Mirror {
	readonly #options: MirrorOptions;
	#client: HolderClient | null = null;
	#timer: Timer | null = null;
	#drawing = false;
	#again = false;
	#stopped = false;

	constructor(options: MirrorOptions) {
		this.#options = options;
	}

	/** The program wrote this: the picture is out of date, and modes may have changed. */
	output(bytes: Uint8Array): void {
		const modes = inputModes(bytes);
		if (modes !== "") this.#options.write(modes);
		this.refresh();
	}

	/** Draws soon; many calls are one drawing. */
	refresh(): void {
		if (this.#stopped) return;
		if (this.#drawing) this.#again = true;
		else this.#timer ??= setTimeout(() => this.#draw(), FRAME_MS);
	}

	stop(): void {
		this.#stopped = true;
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#client?.close();
		this.#client = null;
	}

	async #draw(): Promise<void> {
		this.#timer = null;
		this.#drawing = true;
		const view = await this.#picture();
		this.#drawing = false;
		if (this.#stopped) return;
		if (view !== null) this.#options.write(picture(view, this.#options.window()));
		if (this.#again || view === null) {
			this.#again = false;
			this.refresh();
		}
	}

	/** Null when the holder cannot be asked just now: it is asked again, for as long as the attachment lives. */
	async #picture(): Promise<ScreenView | null> {
		try {
			this.#client ??= await HolderClient.connect(this.#options.socket());
			return await this.#client.call("screen", { format: "ansi" }, PICTURE_MS);
		} catch {
			// Gone, restarted or stopped: which of them it is, the attach stream finds out.
			this.#client?.close();
			this.#client = null;
			return null;
		}
	}
}

/** One whole picture as a synchronized update (mode 2026), so that terminals which know it never show half of one. */
export function picture(view: ScreenView, window: { cols: number; rows: number }): string {
	const lines = (view.rendering ?? "").split("\r\n");
	const { x, y, visible } = view.cursor;
	// The rows that are shown always hold the cursor's.
	const top = Math.max(0, Math.min(y - window.rows + 1, view.rows - window.rows));
	const shown = lines.slice(top, top + window.rows);
	const rows = shown.map((line, row) => `\x1b[${row + 1};1H${cropped(line, window.cols)}`);
	const cursor = `\x1b[${y - top + 1};${Math.min(x, window.cols - 1) + 1}H\x1b[?25${visible ? "h" : "l"}`;
	return `\x1b[?2026h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J${rows.join("")}\x1b[0m${cursor}\x1b[?2026l`;
}

/** A wide character that only its first half would fit of is left out. */
function cropped(line: string, cols: number): string {
	const cut = Bun.sliceAnsi(line, 0, cols);
	return Bun.stringWidth(cut) > cols ? Bun.sliceAnsi(line, 0, cols - 1) : cut;
}

/** What in the output changes how input is encoded. A sequence that is cut by a read is missed until the program sets it again. */
export function inputModes(bytes: Uint8Array): string {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
	let out = "";
	for (const [sequence, modes, on] of text.matchAll(MODES)) {
		if (modes === undefined) out += sequence;
		else {
			const kept = modes.split(";").filter((mode) => INPUT_MODES.has(mode));
			if (kept.length > 0) out += `\x1b[?${kept.join(";")}${on}`;
		}
	}
	return out;
}
