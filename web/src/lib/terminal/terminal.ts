/**
 * One terminal on the page: xterm.js, and the attach stream that feeds it. Owned by the component that shows it, from `open` to
 * `close`; the stream reconnects by itself from the offset it had.
 *
 * The terminal always has the session's size, as the stream tells it in order with the output, so that nothing is ever drawn for
 * another size. A window of another size shows it smaller, or scrolls.
 *
 *   stream ──▶ slices ──▶ xterm.js          more than HIGH_BYTES not parsed yet: the daemon is asked to pause,
 *      ◀── pause, resume ──┘                and sends a fresh picture when it had to skip
 */
import { ClipboardAddon } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { ImageAddon } from "@xterm/addon-image";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type IMarker, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { type Attachment, attach } from "../../../../src/client/attach.ts";
import type { BerthError } from "../../../../src/contract/errors.ts";
import type { Exit } from "../../../../src/contract/state.ts";
import type { ResyncReason, Role } from "../../../../src/contract/stream.ts";
import { pathPart, socketUrl } from "../api/berth.ts";
import { type PageKey, pageKey } from "./keys.ts";
import { fontFor, type Size } from "./scaling.ts";
import { themes } from "./themes.ts";

/** Bytes handed to xterm.js at once: it parses a piece without a pause, and 64 KiB take it about 2 ms. */
const SLICE_BYTES = 64 * 1024;

/** Bytes that may wait to be parsed before the daemon is asked to pause, and at which it may go on. */
const HIGH_BYTES = 1024 * 1024;
const LOW_BYTES = 128 * 1024;

/** Milliseconds that a window must keep its size before the session is asked to take it: dragging an edge is not a size. */
const SETTLE_MS = 80;

/** Lines kept above the screen, like the daemon's own screen (contract/limits.ts). */
const SCROLLBACK_LINES = 10_000;

/** CSS pixels: wide enough to be caught, narrow enough to be overlooked. */
const SCROLLBAR_PX = 10;

/** Prompts that are remembered to jump to; the oldest go first. */
const MARKS_LIMIT = 1000;

const FONT =
	'"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Color Emoji", monospace';

export type StreamState = "connecting" | "open" | "waiting";

export interface Look {
	fontSize: number;
	theme: "light" | "dark";
	screenReader: boolean;
	cursorBlink: boolean;
	renderer: "auto" | "dom";
}

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

interface Mark {
	from: number;
	to: number;
	marker: IMarker;
}

export class TerminalView {
	readonly #options: TerminalOptions;
	readonly #host: HTMLElement;
	readonly #terminal: Terminal;
	readonly #fit = new FitAddon();
	readonly #search = new SearchAddon();
	readonly #observer: ResizeObserver;
	#attachment: Attachment | null = null;
	#role: Role;
	#sizing: "drive" | "follow";
	#look: Look;
	#zoom = 1;
	/** The session's size; null until the stream told it. */
	#size: Size | null = null;
	#generation = 0;
	#pending = 0;
	#paused = false;
	#settling: ReturnType<typeof setTimeout> | null = null;
	#asked: Size | null = null;
	/** Slices that xterm.js has not parsed yet, first the one that it is at. */
	readonly #slices: { from: number; to: number }[] = [];
	readonly #marks: Mark[] = [];

	constructor(host: HTMLElement, options: TerminalOptions) {
		this.#host = host;
		this.#options = options;
		this.#role = options.role;
		this.#sizing = options.sizing;
		this.#look = options.look;
		this.#terminal = new Terminal({
			allowProposedApi: true,
			scrollback: SCROLLBACK_LINES,
			fontFamily: FONT,
			fontSize: options.look.fontSize,
			lineHeight: 1.15,
			theme: themes[options.look.theme],
			cursorBlink: options.look.cursorBlink,
			screenReaderMode: options.look.screenReader,
			macOptionClickForcesSelection: true,
			rightClickSelectsWord: false,
			overviewRuler: { width: SCROLLBAR_PX },
			minimumContrastRatio: 1,
			drawBoldTextInBrightColors: false,
			linkHandler: { activate: (_event, url) => openLink(url), allowNonHttpProtocols: false },
		});
		this.#load();
		this.#listen();
		this.#observer = new ResizeObserver(() => this.#layout());
		this.#observer.observe(host);
		this.#layout();
		this.connect();
	}

	/** Attaches, or attaches anew: to a session that was restarted, or in another role. */
	connect(): void {
		this.#attachment?.close();
		this.#forgetPending();
		const { sessionId, workerId } = this.#options;
		const window = this.#role === "writer" && this.#sizing === "drive" ? this.#windowSize() : null;
		this.#asked = window;
		this.#attachment = attach({
			url: socketUrl(`/sessions/${pathPart(sessionId)}/workers/${pathPart(workerId)}/attach`),
			role: this.#role,
			name: "browser",
			...window,
			onState: (state) => {
				// A new socket knows nothing of the pause that the old one was told.
				if (state === "connecting") this.#paused = false;
				this.#options.onState(state);
			},
			onHello: ({ cols, rows, generation, clientId }) => {
				this.#generation = generation;
				this.#options.onClientId(clientId ?? null);
				this.#resized({ cols, rows });
			},
			onSize: (cols, rows) => this.#resized({ cols, rows }),
			onSnapshot: (bytes, offset) => {
				this.#marks.length = 0;
				this.#write(bytes, offset, offset);
			},
			onOutput: (bytes, offset) => this.#write(bytes, offset, offset + bytes.length),
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
		const mark = this.#marks.find(
			({ from, to, marker }) => from <= offset && offset <= to && !marker.isDisposed,
		);
		if (!mark) return false;
		this.#terminal.scrollToLine(Math.max(0, mark.marker.line - 1));
		return true;
	}

	#load(): void {
		const terminal = this.#terminal;
		terminal.loadAddon(this.#fit);
		terminal.loadAddon(this.#search);
		terminal.loadAddon(new UnicodeGraphemesAddon());
		terminal.loadAddon(new WebLinksAddon((_event, url) => openLink(url)));
		terminal.loadAddon(new ImageAddon({ showPlaceholder: false }));
		terminal.loadAddon(
			new ClipboardAddon(undefined, {
				// Reading the clipboard is never a program's business.
				readText: () => "",
				writeText: (_selection, text) => this.#options.onClipboardWrite(text),
			}),
		);
		terminal.open(this.#host);
		if (this.#look.renderer === "auto") this.#useGraphicsCard();
	}

	/** Draws with the graphics card; a card that is missing or gone leaves the drawing to the page's own elements. */
	#useGraphicsCard(): void {
		if (!hasGraphicsCard()) return;
		try {
			const webgl = new WebglAddon();
			webgl.onContextLoss(() => webgl.dispose());
			this.#terminal.loadAddon(webgl);
		} catch (error) {
			console.info("berth: drawing without the graphics card", error);
		}
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
		for (const code of [133, 633]) {
			terminal.parser.registerOscHandler(code, (data) => {
				if (data.startsWith("C")) this.#mark();
				return false;
			});
		}
	}

	/** Here the output of a command begins. */
	#mark(): void {
		const slice = this.#slices[0];
		const marker = slice && this.#terminal.registerMarker(0);
		if (!marker) return;
		this.#marks.push({ ...slice, marker });
		if (this.#marks.length > MARKS_LIMIT) this.#marks.shift()?.marker.dispose();
	}

	#write(bytes: Uint8Array, from: number, to: number): void {
		const generation = this.#generation;
		const contiguous = to > from;
		for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
			const slice = bytes.subarray(at, at + SLICE_BYTES);
			const span = contiguous ? { from: from + at, to: from + at + slice.length } : { from, to };
			this.#slices.push(span);
			this.#pending += slice.length;
			this.#terminal.write(slice, () => {
				this.#slices.shift();
				this.#pending = Math.max(0, this.#pending - slice.length);
				this.#options.onOffset(generation, span.to);
				if (this.#paused && this.#pending < LOW_BYTES) {
					this.#paused = false;
					this.#attachment?.resume();
				}
			});
		}
		if (!this.#paused && this.#pending > HIGH_BYTES) {
			this.#paused = true;
			this.#attachment?.pause();
		}
	}

	#forgetPending(): void {
		this.#paused = false;
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

/** What renderers call themselves that compute every pixel without a card: the page's own elements are faster than those. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function hasGraphicsCard(): boolean {
	const context = document
		.createElement("canvas")
		.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
	if (context === null) return false;
	const names = context.getExtension("WEBGL_debug_renderer_info");
	const renderer = names === null ? "" : String(context.getParameter(names.UNMASKED_RENDERER_WEBGL));
	context.getExtension("WEBGL_lose_context")?.loseContext();
	return !SOFTWARE.test(renderer);
}

/** Only addresses of the web, in a tab of their own that knows nothing of this one. */
function openLink(url: string): void {
	if (/^https?:\/\//i.test(url)) window.open(url, "_blank", "noopener,noreferrer");
}
