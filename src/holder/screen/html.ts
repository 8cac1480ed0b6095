/** Rows with SGR and OSC 8 as HTML with inline styles: nothing but text and style, safe to put into a page. */
import { defaultColor, type Rgb } from "./identity.ts";

interface Style {
	bold: boolean;
	faint: boolean;
	italic: boolean;
	underline: string | null;
	strike: boolean;
	overline: boolean;
	inverse: boolean;
	invisible: boolean;
	foreground: string | null;
	background: string | null;
}

const PLAIN: Style = {
	bold: false,
	faint: false,
	italic: false,
	underline: null,
	strike: false,
	overline: false,
	inverse: false,
	invisible: false,
	foreground: null,
	background: null,
};

const TOKEN = /\x1b\[([\d;:]*)([A-Za-z])|\x1b\]8;[^;]*;(.*?)\x1b\\|([^\x1b]+)/g;

const UNDERLINES = ["none", "solid", "double", "wavy", "dotted", "dashed"];

/** One `<pre>`; `palette` gives the colour of an index. */
export function htmlOf(rows: string[], palette: (index: number) => Rgb = defaultColor): string {
	const lines = rows.map((row) => lineOf(row, palette));
	return `<pre style="font-family:monospace">${lines.join("\n")}</pre>`;
}

function lineOf(row: string, palette: (index: number) => Rgb): string {
	let style = PLAIN;
	let link = "";
	const out: string[] = [];
	for (const [, params, final, target, text] of row.matchAll(TOKEN)) {
		if (text !== undefined) out.push(span(text, style, link));
		else if (target !== undefined) link = target;
		else if (final === "m") style = applySgr(style, params!, palette);
		// The rows move the cursor only over cells that nothing was written to.
		else if (final === "C") out.push(" ".repeat(Number(params || "1")));
	}
	return out.join("");
}

function span(text: string, style: Style, link: string): string {
	const css = cssOf(style);
	const styled = css === "" ? escapeHtml(text) : `<span style="${css}">${escapeHtml(text)}</span>`;
	// A program chooses the address: only what opens a page is made a link.
	return /^https?:\/\//.test(link) ? `<a href="${escapeHtml(link)}" rel="noreferrer">${styled}</a>` : styled;
}

function cssOf(style: Style): string {
	const css: string[] = [];
	const [foreground, background] = style.inverse
		? [style.background ?? "Canvas", style.foreground ?? "CanvasText"]
		: [style.foreground, style.background];
	if (foreground) css.push(`color:${foreground}`);
	if (background) css.push(`background-color:${background}`);
	if (style.bold) css.push("font-weight:bold");
	if (style.faint) css.push("opacity:0.5");
	if (style.italic) css.push("font-style:italic");
	if (style.invisible) css.push("visibility:hidden");
	const lines = [
		style.underline ? `underline ${style.underline}` : "",
		style.strike ? "line-through" : "",
		style.overline ? "overline" : "",
	].filter((line) => line !== "");
	if (lines.length > 0) css.push(`text-decoration:${lines.join(" ")}`);
	return css.join(";");
}

/** Applies the SGR parameters that the engines' rows contain (ECMA-48 8.3.117, and 38/48/58 of ISO 8613-6). */
function applySgr(before: Style, params: string, palette: (index: number) => Rgb): Style {
	const style = { ...before };
	const codes = params === "" ? ["0"] : params.split(";");
	for (let i = 0; i < codes.length; i++) {
		const [code, sub] = codes[i]!.split(":").map(Number) as [number, number | undefined];
		if (code === 0) Object.assign(style, PLAIN);
		else if (code === 1) style.bold = true;
		else if (code === 2) style.faint = true;
		else if (code === 3) style.italic = true;
		else if (code === 4) style.underline = sub === 0 ? null : (UNDERLINES[sub ?? 1] ?? "solid");
		else if (code === 7) style.inverse = true;
		else if (code === 8) style.invisible = true;
		else if (code === 9) style.strike = true;
		else if (code === 53) style.overline = true;
		else if (code >= 30 && code <= 37) style.foreground = css(palette(code - 30));
		else if (code >= 40 && code <= 47) style.background = css(palette(code - 40));
		else if (code >= 90 && code <= 97) style.foreground = css(palette(code - 82));
		else if (code >= 100 && code <= 107) style.background = css(palette(code - 92));
		else if (code === 38 || code === 48 || code === 58) {
			const kind = codes[i + 1];
			const color =
				kind === "5"
					? palette(Number(codes[i + 2]))
					: { r: Number(codes[i + 2]), g: Number(codes[i + 3]), b: Number(codes[i + 4]) };
			i += kind === "5" ? 2 : 4;
			if (code === 38) style.foreground = css(color);
			else if (code === 48) style.background = css(color);
		}
	}
	return style;
}

function css({ r, g, b }: Rgb): string {
	return `#${[r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function escapeHtml(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}
