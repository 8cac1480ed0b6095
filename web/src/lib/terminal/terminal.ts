/**
 * One terminal on the page: xterm.js, and the attach stream that feeds it. Owned by the component that shows it, from `open` to
 * `close`; the stream reconnects by itself from the offset it had.
 */
import type { Terminal } from "@xterm/xterm";
import { type Attachment, attach } from "../../../../src/client/attach.ts";
import type { BerthError } from "../../../../src/contract/errors.ts";
import type { Exit } from "../../../../src/contract/state.ts";
import type { ResyncReason, Role } from "../../../../src/contract/stream.ts";
import { socketUrl, workerPath } from "../api/berth.ts";
import { sessionScreen } from "../api/screen.ts";
import type { CommandBlock } from "../types.ts";
import { type Line, rowsOf } from "./command-lines.ts";
import { type LoadImages, type Look, openEmulator } from "./emulator.ts";
import { Feed } from "./feed.ts";
import { type PageKey, pageKey } from "./keys.ts";
import { Layout } from "./layout.ts";
import type { Size } from "./scaling.ts";
import { ScreenCheck } from "./screen-check.ts";
import { ScrollbackSearch } from "./search.ts";
import { themes } from "./themes.ts";

export type { Look } from "./emulator.ts";
export type StreamState = "connecting" | "open" | "waiting";

/**
 * What the image addon would answer to programs. The session's holder answers for every terminal alike, and claims no images
 * (holder/screen/identity.ts).
 */
const IMAGE_ANSWER = /^\x1b(?:_G|\[\?[\d;]+S$)/;

export interface TerminalOptions {
	sessionId: string;
	workerId: string;
	role: Role;
	/** `drive`: the session is asked to take this window's size. `follow`: this window takes the session's. */
	sizing: "drive" | "follow";
	fit: "all" | "width";
	look: Look;
	/** Null where images cannot be drawn. */
	loadImages: LoadImages | null;
	onState(state: StreamState): void;
	onSize(size: Size): void;
	onClientId(id: number | null): void;
	onOffset(generation: number, offset: number): void;
	onTitle(title: string): void;
	onBell(): void;
	onResync(reason: ResyncReason): void;
	onExit(exit: Exit): void;
	onRefused(error: BerthError): void;
	onPageKey(key: PageKey): void;
	/** Text from a person's clipboard, before it is sent. */
	onPaste(text: string): void;
	/** What a person typed, before it is sent: the key bar's modifiers are added here. */
	onType(data: string): string;
	/** A program wants to write the clipboard (OSC 52). */
	onClipboardWrite(text: string): void;
}

export class TerminalView {
	readonly search: ScrollbackSearch;
	readonly layout: Layout;
	readonly #options: TerminalOptions;
	readonly #host: HTMLElement;
	readonly #terminal: Terminal;
	readonly #feed: Feed;
	readonly #check: ScreenCheck;
	#attachment: Attachment | null = null;
	#role: Role;
	#sizing: "drive" | "follow";
	#look: Look;
	#generation = 0;

	constructor(host: HTMLElement, options: TerminalOptions) {
		this.#host = host;
		this.#options = options;
		this.#role = options.role;
		this.#sizing = options.sizing;
		this.#look = options.look;
		const { terminal, fit, search, hasImages } = openEmulator(
			host,
			options.look,
			options.loadImages,
			(text) => options.onClipboardWrite(text),
		);
		this.#terminal = terminal;
		this.search = new ScrollbackSearch(terminal, search, () => this.#look.theme);
		this.#feed = new Feed(
			terminal,
			() => this.#attachment,
			(generation, offset) => {
				options.onOffset(generation, offset);
				if (this.#attachment?.repaints) this.#check.shown(offset);
			},
		);
		this.#check = new ScreenCheck(terminal, {
			read: () => sessionScreen(options.sessionId, options.workerId),
			busy: () => document.hidden || hasImages() || terminal.hasSelection() || isScrolledBack(terminal),
			repaint: () => this.#attachment?.repaint(),
		});
		this.#listen();
		this.layout = new Layout(host, terminal, fit, {
			fit: options.fit,
			fontSize: () => this.#look.fontSize,
			drives: () => this.#sizing === "drive" && this.#role === "writer",
			inOrder: (callback) => this.#feed.after(callback),
			onAsk: ({ cols, rows }) => this.#attachment?.resize(cols, rows),
		});
		this.connect();
	}

	/** Attaches, or attaches anew: to a session that was restarted, or in another role. */
	connect(): void {
		this.#attachment?.close();
		this.#check.stop();
		const { sessionId, workerId } = this.#options;
		this.#attachment = attach({
			url: socketUrl(`${workerPath(sessionId, workerId)}/attach`),
			role: this.#role,
			name: "browser",
			...this.layout.request(),
			onState: (state) => {
				if (state === "connecting") this.#feed.reconnected();
				this.#options.onState(state);
			},
			onHello: ({ cols, rows, generation, clientId }) => {
				this.#generation = generation;
				this.#options.onClientId(clientId ?? null);
				this.#resized({ cols, rows });
			},
			onSize: (cols, rows) => this.#resized({ cols, rows }),
			onSnapshot: (bytes, offset) => this.#feed.snapshot(bytes, this.#generation, offset),
			onOutput: (bytes, offset) => this.#feed.output(bytes, this.#generation, offset),
			onResync: (reason) => this.#options.onResync(reason),
			onExit: (exit) => {
				this.#feed.after(() => this.#check.stop());
				this.#options.onExit(exit);
			},
			onError: (error) => this.#options.onRefused(error),
		});
	}

	close(): void {
		this.layout.close();
		this.#attachment?.close();
		this.#check.stop();
		this.#feed.close();
		this.#terminal.dispose();
	}

	/** The daemon is back: no need to wait for the next attempt. */
	retry(): void {
		this.#attachment?.retry();
	}

	focus(): void {
		this.#terminal.focus();
	}

	/** Input, as if typed. */
	send(data: string): void {
		this.#attachment?.input(data);
		this.#terminal.scrollToBottom();
	}

	/** Pastes as the program wants it: between brackets when it asked for them. */
	paste(text: string): void {
		this.#terminal.paste(text);
	}

	/** Sends an arrow key or the like as the program wants it. */
	get applicationCursor(): boolean {
		return this.#terminal.modes.applicationCursorKeysMode;
	}

	get bracketedPaste(): boolean {
		return this.#terminal.modes.bracketedPasteMode;
	}

	get selection(): string {
		return this.#terminal.getSelection();
	}

	/** This window's size becomes the session's, now and from now on. */
	claim(): void {
		this.#sizing = "drive";
		const window = this.layout.request();
		if (window) this.#attachment?.resize(window.cols, window.rows);
		this.#attachment?.claim();
		this.layout.apply();
	}

	setSizing(sizing: "drive" | "follow"): void {
		if (sizing === this.#sizing) return;
		this.#sizing = sizing;
		if (sizing === "drive") this.claim();
		// A window that has no say any more must be forgotten: only a new attachment has no vote.
		else this.connect();
		this.layout.apply();
	}

	setRole(role: Role): void {
		if (role === this.#role) return;
		this.#role = role;
		this.#terminal.options.disableStdin = role === "viewer";
		this.connect();
	}

	setLook(look: Look): void {
		this.#look = look;
		const { options } = this.#terminal;
		options.theme = themes[look.theme];
		options.cursorBlink = look.cursorBlink;
		options.screenReaderMode = look.screenReader;
		this.layout.apply();
	}

	/**
	 * Scrolls to where a command of the shell was typed: by its mark when its output came while somebody looked, else by what stands
	 * there; `all` are the shell's commands, oldest first. False when it is no longer on the page.
	 */
	scrollToCommand(block: CommandBlock, all: readonly CommandBlock[]): boolean {
		const mark = this.#feed.lineOf(block.startOffset);
		// One above the output: the line where the command was typed.
		const row = mark === null ? this.#rowOf(block, all) : Math.max(0, mark - 1);
		if (row !== null) this.#terminal.scrollToLine(row);
		return row !== null;
	}

	#rowOf(block: CommandBlock, all: readonly CommandBlock[]): number | null {
		const commands = all.map(({ command }) => command);
		return rowsOf(commands, wholeLines(this.#terminal))[all.indexOf(block)] ?? null;
	}

	#listen(): void {
		const terminal = this.#terminal;
		const { onTitle, onBell, onPageKey, onPaste, onType } = this.#options;
		terminal.options.disableStdin = this.#role === "viewer";
		terminal.onData((data) => {
			if (!IMAGE_ANSWER.test(data)) this.#attachment?.input(onType(data));
		});
		terminal.onBinary((data) =>
			this.#attachment?.input(Uint8Array.from(data, (character) => character.charCodeAt(0))),
		);
		terminal.onTitleChange(onTitle);
		terminal.onBell(onBell);
		terminal.attachCustomKeyEventHandler((event) => {
			const key = pageKey(event);
			if (key === null) return true;
			event.preventDefault();
			if (event.type === "keydown") onPageKey(key);
			return false;
		});
		// Before xterm.js sees it: what is pasted is looked at first.
		this.#host.addEventListener(
			"paste",
			(event) => {
				event.preventDefault();
				event.stopPropagation();
				const text = event.clipboardData?.getData("text/plain") ?? "";
				if (text !== "" && this.#role === "writer") onPaste(text);
			},
			{ capture: true },
		);
	}

	#resized(size: Size): void {
		this.layout.resized(size, () => {
			this.#options.onSize(size);
			this.#check.resized();
		});
	}
}

function isScrolledBack({ buffer: { active } }: Terminal): boolean {
	return active.viewportY < active.baseY;
}

/** Lines as they were printed: what was wrapped at the edge is one. */
function wholeLines({ buffer: { active } }: Terminal): Line[] {
	const lines: Line[] = [];
	for (let row = 0; row < active.length; row++) {
		const line = active.getLine(row);
		// Blanks at the edge count where the line goes on below.
		const text = line?.translateToString(!active.getLine(row + 1)?.isWrapped) ?? "";
		const above = lines.at(-1);
		if (line?.isWrapped && above) above.text += text;
		else lines.push({ text, row });
	}
	return lines;
}
