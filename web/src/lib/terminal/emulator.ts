/** xterm.js as this page wants it: its fonts and colours, its addons, and the quickest way to draw that works here. */
import { ClipboardAddon } from "@xterm/addon-clipboard";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { graphemeClusters } from "../../../../src/contract/characters.ts";
import { themes } from "./themes.ts";

/** Lines kept above the screen, like the daemon's own screen (contract/limits.ts). */
const SCROLLBACK_LINES = 10_000;

/** CSS pixels: wide enough to be caught, narrow enough to be overlooked. */
const SCROLLBAR_PX = 10;

/** Of the font's size: room for accents and underlines, and still a screen's worth of rows. */
const LINE_HEIGHT = 1.15;

const FONT =
	'"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Color Emoji", monospace';

/** What renderers call themselves that compute every pixel without a card: the page's own elements are faster than those. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** What a person set. */
export interface Look {
	fontSize: number;
	theme: "light" | "dark";
	screenReader: boolean;
	cursorBlink: boolean;
	renderer: "auto" | "dom";
}

/** Draws images in the terminal from now on. Returns a function that tells whether it keeps any. */
export type LoadImages = (terminal: Terminal) => () => boolean;

export interface Emulator {
	terminal: Terminal;
	fit: FitAddon;
	search: SearchAddon;
	/** Whether images are kept, which the session's own screen knows nothing of. */
	hasImages: () => boolean;
}

/** Opened in `host`; null draws no images. `onClipboardWrite` is told what a program wants to write to the clipboard (OSC 52). */
export function openEmulator(
	host: HTMLElement,
	look: Look,
	loadImages: LoadImages | null,
	onClipboardWrite: (text: string) => void,
): Emulator {
	const terminal = new Terminal({
		allowProposedApi: true,
		scrollback: SCROLLBACK_LINES,
		fontFamily: FONT,
		fontSize: look.fontSize,
		lineHeight: LINE_HEIGHT,
		theme: themes[look.theme],
		cursorBlink: look.cursorBlink,
		screenReaderMode: look.screenReader,
		macOptionClickForcesSelection: true,
		rightClickSelectsWord: false,
		scrollbar: { width: SCROLLBAR_PX },
		drawBoldTextInBrightColors: false,
		linkHandler: { activate: (_event, url) => openLink(url), allowNonHttpProtocols: false },
	});
	const fit = new FitAddon();
	const search = new SearchAddon();
	terminal.loadAddon(fit);
	terminal.loadAddon(search);
	terminal.unicode.register(graphemeClusters);
	terminal.unicode.activeVersion = graphemeClusters.version;
	terminal.loadAddon(new WebLinksAddon((_event, url) => openLink(url)));
	const hasImages = loadImages?.(terminal) ?? (() => false);
	terminal.loadAddon(
		new ClipboardAddon(undefined, {
			// Reading the clipboard is never a program's business.
			readText: () => "",
			writeText: (_selection, text) => onClipboardWrite(text),
		}),
	);
	terminal.open(host);
	if (look.renderer === "auto" && hasGraphicsCard()) drawWithGraphicsCard(terminal);
	return { terminal, fit, search, hasImages };
}

/** A card that is gone leaves the drawing to the page's own elements. */
function drawWithGraphicsCard(terminal: Terminal): void {
	try {
		const webgl = new WebglAddon();
		webgl.onContextLoss(() => webgl.dispose());
		terminal.loadAddon(webgl);
	} catch (error) {
		console.info("berth: drawing without the graphics card", error);
	}
}

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
