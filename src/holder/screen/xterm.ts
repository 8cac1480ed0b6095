/**
 * The screen by @xterm/headless, for systems that libghostty-vt has no build for.
 *
 * Its public `write` parses later, on a timer; here everything is parsed before `write` returns, so that state, snapshot and offset
 * always belong together. Owns one terminal in JavaScript's memory; nothing outlives it.
 */
import { Terminal } from "@xterm/headless";
import { graphemeClusters } from "../../contract/characters.ts";
import { ClusterLimit } from "./clusters.ts";
import type { Screen, ScreenEngine, ScreenOptions, ScreenState } from "./engine.ts";
import { SequenceGate } from "./gate.ts";
import { htmlOf } from "./html.ts";
import { directoryOf, feedAndAnswer } from "./queries.ts";
import { composeSnapshot } from "./snapshot.ts";
import { coreOf, type XtermCore } from "./xterm/internals.ts";
import { installLimits } from "./xterm/limits.ts";
import { XtermReader } from "./xterm/reader.ts";
import { installReplies, KittyKeyboard } from "./xterm/replies.ts";

export const xtermEngine: ScreenEngine = {
	name: "xterm",
	open: (options) => new XtermScreen(options),
};

const encoder = new TextEncoder();

class XtermScreen implements Screen {
	readonly engine = "xterm";
	readonly #terminal: Terminal;
	readonly #core: XtermCore;
	readonly #reader: XtermReader;
	readonly #options: ScreenOptions;
	readonly #gate = new SequenceGate();
	readonly #clusters = new ClusterLimit();
	#title = "";
	#directory: string | null = null;

	constructor(options: ScreenOptions) {
		this.#options = options;
		const terminal = new Terminal({
			cols: options.cols,
			rows: options.rows,
			scrollback: options.scrollbackLines,
			allowProposedApi: true,
			logLevel: "off",
			// Without these the parser keeps size and title queries from every handler.
			windowOptions: {
				getWinSizePixels: true,
				getCellSizePixels: true,
				getWinSizeChars: true,
				getWinTitle: true,
			},
		});
		this.#terminal = terminal;
		this.#core = coreOf(terminal);
		terminal.unicode.register(graphemeClusters);
		terminal.unicode.activeVersion = graphemeClusters.version;
		const keyboard = new KittyKeyboard();
		this.#reader = new XtermReader(terminal, this.#core, keyboard);
		installLimits(terminal, this.#core);
		const reply = (text: string) => options.onReply(encoder.encode(text));
		installReplies(terminal, this.#core, keyboard, reply, () => this.#title);
		terminal.onData(reply);
		terminal.onBell(options.onBell);
		terminal.onTitleChange((title) => {
			this.#title = title;
			options.onTitle(title);
		});
		terminal.parser.registerEscHandler({ final: "c" }, () => {
			this.#title = "";
			return false;
		});
	}

	get capacityRows(): number {
		return this.#options.scrollbackLines + this.#terminal.rows;
	}

	scrollsFreely(): boolean {
		const { active, alt } = this.#core.buffers;
		const whole = active.scrollTop === 0 && active.scrollBottom === this.#terminal.rows - 1;
		return this.#gate.empty && active !== alt && whole;
	}

	write(bytes: Uint8Array): void {
		feedAndAnswer(this.#clusters.pass(this.#gate.push(bytes)), {
			feed: (part) => this.#core.writeSync(part),
			subject: this.#reader,
			onReply: this.#options.onReply,
			onDirectory: (uri) => {
				this.#directory = uri;
			},
		});
	}

	resize(cols: number, rows: number): void {
		this.#terminal.resize(cols, rows);
	}

	state(): ScreenState {
		const { cols, rows } = this.#terminal;
		const { active, alt } = this.#core.buffers;
		const { decPrivateModes: modes, isCursorHidden } = this.#core.coreService;
		return {
			cols,
			rows,
			cursor: { x: Math.min(active.x, cols - 1), y: active.y, visible: !isCursorHidden },
			title: this.#title,
			pwd: this.#directory === null ? null : directoryOf(this.#directory),
			alternate: active === alt,
			scrollbackRows: active.ybase,
			modes: {
				bracketedPaste: modes.bracketedPasteMode,
				applicationCursor: modes.applicationCursorKeys,
				mouse: this.#core.coreMouseService.activeProtocol !== "NONE",
				focus: modes.sendFocus,
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
		return composeSnapshot(this.#reader.read(this.#title, this.#directory, this.#gate.held, scrollbackLines));
	}

	ansi(): string {
		return this.#reader.visibleRows().join("\r\n");
	}

	html(): string {
		return htmlOf(this.#reader.visibleRows(), (index) => this.#reader.color(index));
	}

	close(): void {
		this.#terminal.dispose();
	}
}
