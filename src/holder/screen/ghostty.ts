/**
 * The screen by libghostty-vt.
 *
 * Owns one native terminal for as long as the holder keeps the screen; `close` frees it. When the process dies the kernel frees it.
 */
import { ghosttyLibrary } from "../../platform/native.ts";
import type { Screen, ScreenEngine, ScreenOptions, ScreenState } from "./engine.ts";
import { SequenceGate } from "./gate.ts";
import { Data, loadGhostty, Option } from "./ghostty/library.ts";
import { scrollbackBytes } from "./ghostty/memory.ts";
import { Mode } from "./ghostty/modes.ts";
import { GhosttyReader } from "./ghostty/reader.ts";
import { GhosttyTerminal, type TerminalEvent } from "./ghostty/terminal.ts";
import { htmlOf } from "./html.ts";
import { DEFAULT_COLORS, defaultColor, SECONDARY_ATTRIBUTES, TERMINAL_VERSION } from "./identity.ts";
import { directoryOf, feedAndAnswer } from "./queries.ts";
import { composeSnapshot } from "./snapshot.ts";

/** What the library answers by default, and what stands for it: who it is cannot be configured through bun:ffi. */
const REPLIES: Record<string, string> = {
	"\x1b[>1;0;0c": SECONDARY_ATTRIBUTES,
	"\x1bP>|libghostty\x1b\\": TERMINAL_VERSION,
};

/** Loads the library; throws when it cannot be loaded, and returns null where there is no build of it. */
export function ghosttyEngine(cacheDir: string): ScreenEngine | null {
	const files = ghosttyLibrary(cacheDir);
	if (!files) return null;
	const library = loadGhostty({ library: files.main, shim: files.shim });
	return {
		name: "ghostty",
		open: (options) =>
			new GhosttyScreen(
				new GhosttyTerminal(
					library,
					options.cols,
					options.rows,
					scrollbackBytes(options.scrollbackLines, options.cols, options.rows),
				),
				options,
			),
	};
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class GhosttyScreen implements Screen {
	readonly engine = "ghostty";
	readonly #terminal: GhosttyTerminal;
	readonly #reader: GhosttyReader;
	readonly #options: ScreenOptions;
	readonly #gate = new SequenceGate();
	#cols: number;
	#rows: number;
	#directory: string | null = null;

	constructor(terminal: GhosttyTerminal, options: ScreenOptions) {
		this.#terminal = terminal;
		this.#options = options;
		this.#cols = options.cols;
		this.#rows = options.rows;
		this.#reader = new GhosttyReader(terminal, options.scrollbackLines);
		terminal.setColor(Option.colorForeground, DEFAULT_COLORS.foreground);
		terminal.setColor(Option.colorBackground, DEFAULT_COLORS.background);
		terminal.setColor(Option.colorCursor, DEFAULT_COLORS.cursor);
		terminal.setPalette(defaultPalette());
	}

	write(bytes: Uint8Array): void {
		feedAndAnswer(this.#gate.push(bytes), {
			feed: (part) => this.#feed(part),
			subject: this.#reader,
			onReply: this.#options.onReply,
			onDirectory: (uri) => {
				this.#directory = uri;
			},
			onSoftReset: () => this.#reader.softReset(),
		});
	}

	#feed(bytes: Uint8Array): void {
		this.#report(this.#terminal.write(bytes));
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
		this.#cols = cols;
		this.#rows = rows;
		this.#report(this.#terminal.resize(cols, rows));
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

	snapshot(): Uint8Array {
		return composeSnapshot(this.#reader.read(this.#directory, this.#gate.held, this.#gate.atRest));
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
