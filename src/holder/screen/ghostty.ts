/**
 * The screen by libghostty-vt.
 *
 * Owns one native terminal at a time for as long as the holder keeps the screen; `close` frees it. When the process dies the kernel frees it.
 */
import { SNAPSHOT_RESET } from "../../contract/snapshot.ts";
import { ghosttyLibrary } from "../../platform/native.ts";
import { ClusterLimit } from "./clusters.ts";
import type { Screen, ScreenEngine, ScreenOptions, ScreenState } from "./engine.ts";
import { SequenceGate } from "./gate.ts";
import { Data, type GhosttyLibrary, loadGhostty, Option } from "./ghostty/library.ts";
import { capacityRows, scrollbackBytes } from "./ghostty/memory.ts";
import { Mode, UNCARRIED_MODES } from "./ghostty/modes.ts";
import { withoutPromptMarks } from "./ghostty/prompt-marks.ts";
import { GhosttyReader } from "./ghostty/reader.ts";
import { resizeTerminal } from "./ghostty/reflow.ts";
import { GhosttyTerminal, type TerminalEvent } from "./ghostty/terminal.ts";
import { htmlOf } from "./html.ts";
import { DEFAULT_COLORS, defaultColor, SECONDARY_ATTRIBUTES, TERMINAL_VERSION } from "./identity.ts";
import { directoryOf, feedAndAnswer } from "./queries.ts";
import { composeSnapshot } from "./snapshot.ts";

/** What the library answers by default, and what stands for it: who it is cannot be configured through bun:ffi. */
const REPLIES: Record<string, string> = {
	"\x1b[>1;0;0c": SECONDARY_ATTRIBUTES,
	"\x1bP>|libghostty\x1b\\": TERMINAL_VERSION,
	// Grapheme clusters are not only set but permanently so (DECRPM).
	"\x1b[?2027;1$y": "\x1b[?2027;3$y",
};

/** Loads the library; throws when it cannot be loaded, and returns null where there is no build of it. */
export function ghosttyEngine(cacheDir: string): ScreenEngine | null {
	const files = ghosttyLibrary(cacheDir);
	if (!files) return null;
	const library = loadGhostty({ library: files.main, shim: files.shim });
	return {
		name: "ghostty",
		open: (options) => new GhosttyScreen(library, options),
	};
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class GhosttyScreen implements Screen {
	readonly engine = "ghostty";
	readonly #library: GhosttyLibrary;
	#terminal: GhosttyTerminal;
	#reader: GhosttyReader;
	/** Bytes that the terminal may keep as scrollback. */
	#limit: number;
	readonly #options: ScreenOptions;
	readonly #gate = new SequenceGate();
	readonly #clusters = new ClusterLimit();
	#cols: number;
	#rows: number;
	#directory: string | null = null;

	constructor(library: GhosttyLibrary, options: ScreenOptions) {
		this.#library = library;
		this.#options = options;
		this.#cols = options.cols;
		this.#rows = options.rows;
		this.#limit = scrollbackBytes(options.scrollbackLines, options.cols, options.rows);
		this.#terminal = this.#openTerminal();
		this.#reader = new GhosttyReader(this.#terminal, options.scrollbackLines);
	}

	#openTerminal(): GhosttyTerminal {
		const terminal = new GhosttyTerminal(this.#library, this.#cols, this.#rows, this.#limit);
		terminal.setColor(Option.colorForeground, DEFAULT_COLORS.foreground);
		terminal.setColor(Option.colorBackground, DEFAULT_COLORS.background);
		terminal.setColor(Option.colorCursor, DEFAULT_COLORS.cursor);
		terminal.setPalette(defaultPalette());
		return terminal;
	}

	get capacityRows(): number {
		return capacityRows(this.#limit, this.#cols, this.#rows);
	}

	scrollsFreely(): boolean {
		return this.#gate.empty && this.#reader.scrollsFreely;
	}

	write(bytes: Uint8Array): void {
		feedAndAnswer(this.#clusters.pass(this.#gate.push(bytes)), {
			feed: (part) => this.#feed(part),
			subject: this.#reader,
			onReply: this.#options.onReply,
			onDirectory: (uri) => {
				this.#directory = uri;
			},
			onSoftReset: () => this.#reader.softReset(),
			onClusters: () => this.#terminal.joinClusters(),
		});
	}

	#feed(bytes: Uint8Array): void {
		this.#report(this.#terminal.write(withoutPromptMarks(bytes)));
		// DECCOLM (with mode 40) sizes the terminal; here its size is the PTY's, which only the owner changes.
		if (this.#terminal.u16(Data.cols) !== this.#cols) this.#terminal.resize(this.#cols, this.#rows);
	}

	#report(events: TerminalEvent[]): void {
		for (const event of events) {
			if (event.kind === "bell") this.#options.onBell();
			else if (event.kind === "title") this.#options.onTitle(event.title);
			else {
				const known = REPLIES[decoder.decode(event.bytes)];
				this.#options.onReply(known === undefined ? event.bytes : encoder.encode(known));
			}
		}
	}

	resize(cols: number, rows: number): void {
		const needed = scrollbackBytes(this.#options.scrollbackLines, cols, rows);
		if (needed > this.#limit) this.#moveToLarger(needed);
		this.#cols = cols;
		this.#rows = rows;
		this.#report(resizeTerminal(this.#terminal, this.#reader, { cols, rows }));
	}

	/**
	 * The library's limit is bytes and given once: lines that get wider need another terminal to have as many of them. A generous
	 * limit from the start would instead keep (and pay for) several times as many narrow lines.
	 */
	#moveToLarger(limit: number): void {
		const before = this.#terminal;
		const copy = this.#snapshot(new Uint8Array(0), Number.POSITIVE_INFINITY);
		this.#limit = limit;
		this.#terminal = this.#openTerminal();
		// It is as new: the reset that a copy begins with would end its clusters.
		this.#terminal.write(copy.subarray(SNAPSHOT_RESET.length));
		for (const mode of UNCARRIED_MODES) this.#terminal.setModeFlag(mode, before.mode(mode));
		this.#reader = new GhosttyReader(this.#terminal, this.#options.scrollbackLines);
		before.close();
	}

	state(): ScreenState {
		const terminal = this.#terminal;
		return {
			cols: this.#cols,
			rows: this.#rows,
			cursor: {
				x: terminal.u16(Data.cursorX),
				y: terminal.u16(Data.cursorY),
				visible: terminal.bool(Data.cursorVisible),
			},
			title: terminal.string(Data.title),
			pwd: this.#directory === null ? null : directoryOf(this.#directory),
			alternate: this.#reader.alternate,
			scrollbackRows: this.#reader.scrollbackRows,
			modes: {
				bracketedPaste: terminal.mode(Mode.bracketedPaste),
				applicationCursor: terminal.mode(Mode.applicationCursor),
				mouse: terminal.bool(Data.mouseTracking),
				focus: terminal.mode(Mode.focus),
			},
		};
	}

	lines(): string[] {
		return this.#reader.lines();
	}

	lastLines(count: number): { text: string; lines: number; complete: boolean } {
		return this.#reader.lastLines(count);
	}

	snapshot(scrollbackLines = Number.POSITIVE_INFINITY): Uint8Array {
		return this.#snapshot(this.#gate.held, scrollbackLines);
	}

	#snapshot(partial: Uint8Array, scrollbackLines: number): Uint8Array {
		const directory = this.#directory;
		return composeSnapshot(this.#reader.read({ directory, partial, scrollbackLines }));
	}

	ansi(): string {
		return this.#reader.visibleRows().join("\r\n");
	}

	html(): string {
		return htmlOf(this.#reader.visibleRows(), (index) => this.#reader.color(index));
	}

	close(): void {
		this.#terminal.close();
	}
}

function defaultPalette(): Uint8Array {
	const bytes = new Uint8Array(256 * 3);
	for (let i = 0; i < 256; i++) {
		const { r, g, b } = defaultColor(i);
		bytes.set([r, g, b], i * 3);
	}
	return bytes;
}
