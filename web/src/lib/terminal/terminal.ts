/**
 * One terminal on the page: xterm.js, and the attach stream that feeds it. Owned by the component that shows it, from `open` to
 * `close`; the stream reconnects by itself from the offset it had.
 *
 * The terminal always has the session's size, as the stream tells it in order with the output, so that nothing is ever drawn for
 * another size. A window of another size shows it smaller, or scrolls.
 */
import type { FitAddon } from "@xterm/addon-fit";
import type { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import { type Attachment, attach } from "../../../../src/client/attach.ts";
import type { BerthError } from "../../../../src/contract/errors.ts";
import type { Exit } from "../../../../src/contract/state.ts";
import type { ResyncReason, Role } from "../../../../src/contract/stream.ts";
import { pathPart, socketUrl } from "../api/berth.ts";
import { type Look, openEmulator } from "./emulator.ts";
import { Feed } from "./feed.ts";
import { type PageKey, pageKey } from "./keys.ts";
import { fontFor, type Size } from "./scaling.ts";
import { themes } from "./themes.ts";

/** Milliseconds that a window must keep its size before the session is asked to take it: dragging an edge is not a size. */
const SETTLE_MS = 80;

export type { Look } from "./emulator.ts";
export type StreamState = "connecting" | "open" | "waiting";

export interface TerminalOptions {
	sessionId: string;
	workerId: string;
	role: Role;
	/** `drive`: the session is asked to take this window's size. `follow`: this window takes the session's. */
	sizing: "drive" | "follow";
	fit: "all" | "width";
	look: Look;
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
	readonly #options: TerminalOptions;
	readonly #host: HTMLElement;
	readonly #terminal: Terminal;
	readonly #fit: FitAddon;
	readonly #search: SearchAddon;
	readonly #feed: Feed;
	readonly #observer: ResizeObserver;
	#attachment: Attachment | null = null;
	#role: Role;
	#sizing: "drive" | "follow";
	#look: Look;
	#zoom = 1;
	/** The session's size; null until the stream told it. */
	#size: Size | null = null;
	#generation = 0;
	#settling: ReturnType<typeof setTimeout> | null = null;
	#asked: Size | null = null;

	constructor(host: HTMLElement, options: TerminalOptions) {
		this.#host = host;
		this.#options = options;
		this.#role = options.role;
		this.#sizing = options.sizing;
		this.#look = options.look;
		const { terminal, fit, search } = openEmulator(host, options.look, (text) =>
			options.onClipboardWrite(text),
		);
		this.#terminal = terminal;
		this.#fit = fit;
		this.#search = search;
		this.#feed = new Feed(
			terminal,
			() => this.#attachment,
			(generation, offset) => options.onOffset(generation, offset),
		);
		this.#listen();
		this.#observer = new ResizeObserver(() => this.#layout());
		this.#observer.observe(host);
		this.#layout();
		this.connect();
	}

	/** Attaches, or attaches anew: to a session that was restarted, or in another role. */
	connect(): void {
		this.#attachment?.close();
		const { sessionId, workerId } = this.#options;
		const window = this.#role === "writer" && this.#sizing === "drive" ? this.#windowSize() : null;
		this.#asked = window;
		this.#attachment = attach({
			url: socketUrl(`/sessions/${pathPart(sessionId)}/workers/${pathPart(workerId)}/attach`),
			role: this.#role,
			name: "browser",
			...window,
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
			onExit: (exit) => this.#options.onExit(exit),
			onError: (error) => this.#options.onRefused(error),
		});
	}

	close(): void {
		if (this.#settling !== null) clearTimeout(this.#settling);
		this.#observer.disconnect();
		this.#attachment?.close();
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
		const window = this.#windowSize();
		this.#asked = window;
		if (window) this.#attachment?.resize(window.cols, window.rows);
		this.#attachment?.claim();
		this.#layout();
	}

	setSizing(sizing: "drive" | "follow"): void {
		if (sizing === this.#sizing) return;
		this.#sizing = sizing;
		if (sizing === "drive") this.claim();
		// A window that has no say any more must be forgotten: only a new attachment has no vote.
		else this.connect();
		this.#layout();
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
		this.#layout();
	}

	/** Multiplies what fits; 1 shows all of it. */
	get zoom(): number {
		return this.#zoom;
	}

	set zoom(value: number) {
		this.#zoom = Math.min(6, Math.max(1, value));
		this.#layout();
	}

	/** Finds in the scrollback, and shows the match; whether there was one. */
	find(text: string, direction: "next" | "previous", incremental: boolean): boolean {
		const accent = this.#look.theme === "dark" ? "#e0ae56" : "#b87400";
		const options = {
			incremental,
			decorations: {
				matchBackground: this.#look.theme === "dark" ? "#4a3a14" : "#f6e2b0",
				matchOverviewRuler: accent,
				activeMatchBackground: accent,
				activeMatchColorOverviewRuler: accent,
			},
		};
		return direction === "next"
			? this.#search.findNext(text, options)
			: this.#search.findPrevious(text, options);
	}

	onFound(listener: (found: { resultIndex: number; resultCount: number }) => void): () => void {
		const subscription = this.#search.onDidChangeResults(listener);
		return () => subscription.dispose();
	}

	endSearch(): void {
		this.#search.clearDecorations();
		this.#terminal.clearSelection();
	}

	/** Scrolls to where the output at `offset` began; false when that is no longer on the page. */
	scrollToOffset(offset: number): boolean {
		const line = this.#feed.lineOf(offset);
		// One above: the line where the command was typed.
		if (line !== null) this.#terminal.scrollToLine(Math.max(0, line - 1));
		return line !== null;
	}

	#listen(): void {
		const terminal = this.#terminal;
		const { onTitle, onBell, onPageKey, onPaste, onType } = this.#options;
		terminal.options.disableStdin = this.#role === "viewer";
		terminal.onData((data) => this.#attachment?.input(onType(data)));
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
		this.#size = size;
		// In order with the output: what is not parsed yet was drawn for the size before.
		this.#terminal.write("", () => {
			if (this.#size !== size) return;
			if (this.#terminal.cols !== size.cols || this.#terminal.rows !== size.rows) {
				this.#terminal.resize(size.cols, size.rows);
			}
			this.#layout();
			this.#options.onSize(size);
		});
	}

	/** How many cells this window holds at the person's own font size; null while it has no size. */
	#windowSize(): Size | null {
		this.#terminal.options.fontSize = this.#look.fontSize;
		const size = this.#fit.proposeDimensions();
		if (!size || !(size.cols > 1) || !(size.rows > 0)) return null;
		return { cols: Math.min(size.cols, 1000), rows: Math.min(size.rows, 1000) };
	}

	/** Shows the terminal as large as this window allows, and asks for the window's own size when it drives. */
	#layout(): void {
		const window = this.#windowSize();
		if (window === null) return;
		if (this.#size !== null) {
			this.#terminal.options.fontSize = fontFor(
				this.#size,
				window,
				this.#look.fontSize,
				this.#zoom,
				this.#options.fit,
			);
		}
		if (this.#sizing !== "drive" || this.#role !== "writer") return;
		if (this.#asked?.cols === window.cols && this.#asked.rows === window.rows) return;
		if (this.#settling !== null) clearTimeout(this.#settling);
		this.#settling = setTimeout(() => {
			this.#settling = null;
			this.#asked = window;
			this.#attachment?.resize(window.cols, window.rows);
		}, SETTLE_MS);
	}
}
