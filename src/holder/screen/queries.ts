/**
 * What neither engine does by itself, done once for both: the working directory (OSC 7), colour queries (OSC 4, 10, 11, 12),
 * DECRQSS and XTGETTCAP.
 *
 * An engine feeds its emulator up to the end of such a sequence before it answers, so an answer tells the state at that point and
 * stands in the right place among the emulator's own answers.
 */
import { CAPABILITIES, type Rgb } from "./identity.ts";

/** What a program asked or told in a string sequence. */
export type Request =
	| { kind: "directory"; uri: string }
	| { kind: "color"; target: ColorTarget; terminator: string }
	/** DECRQSS; `setting` is the final characters of the sequence that would set it. */
	| { kind: "setting"; setting: string }
	/** XTGETTCAP: names in hexadecimal, as they came. */
	| { kind: "capability"; names: string[] };

/** A palette index, or one of the dynamic colours. */
export type ColorTarget = number | "foreground" | "background" | "cursor";

/** What the answers are made of. */
export interface QuerySubject {
	color(target: ColorTarget): Rgb;
	/** The parameters and final characters that would set this again; null for a setting that is not kept. */
	setting(name: string): string | null;
}

const OSC = Buffer.from("\x1b]");
const DCS = Buffer.from("\x1bP");
const BEL = 0x07;
const ESC = 0x1b;

/** A colour query can be no longer than 256 of the longest palette queries; a directory is shorter than that too. */
const LONGEST_REQUEST_BYTES = 8 * 1024;

/** Requests in `bytes`, which must hold whole sequences (see gate.ts), each with the index after it. */
export function* findRequests(bytes: Uint8Array): Generator<{ requests: Request[]; end: number }> {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let osc = buffer.indexOf(OSC);
	let dcs = buffer.indexOf(DCS);
	while (osc >= 0 || dcs >= 0) {
		const isOsc = osc >= 0 && (dcs < 0 || osc < dcs);
		const start = isOsc ? osc : dcs;
		const body = start + 2;
		const end = isOsc ? endOfOsc(buffer, body) : buffer.indexOf(ESC, body);
		if (end >= 0 && end - body <= LONGEST_REQUEST_BYTES) {
			const terminated = buffer[end] === BEL || buffer[end + 1] === 0x5c;
			const requests = terminated
				? parse(isOsc, buffer.toString("utf8", body, end), buffer[end] === BEL)
				: [];
			if (requests.length > 0) yield { requests, end: end + (buffer[end] === BEL ? 1 : 2) };
		}
		if (isOsc) osc = buffer.indexOf(OSC, body);
		else dcs = buffer.indexOf(DCS, body);
	}
}

function endOfOsc(buffer: Buffer, from: number): number {
	const end = buffer.indexOf(ESC, from);
	const bell = buffer.indexOf(BEL, from);
	return bell >= 0 && (end < 0 || bell < end) ? bell : end;
}

function parse(isOsc: boolean, body: string, bell: boolean): Request[] {
	if (isOsc) return parseOsc(body, bell ? "\x07" : "\x1b\\");
	if (body.startsWith("$q")) return [{ kind: "setting", setting: body.slice(2) }];
	if (body.startsWith("+q")) return [{ kind: "capability", names: body.slice(2).split(";") }];
	return [];
}

const DYNAMIC: Record<string, ColorTarget> = { "10": "foreground", "11": "background", "12": "cursor" };

function parseOsc(body: string, terminator: string): Request[] {
	const separator = body.indexOf(";");
	const code = body.slice(0, separator);
	if (separator < 0) return [];
	if (code === "7") return [{ kind: "directory", uri: body.slice(separator + 1) }];
	const params = body.slice(separator + 1).split(";");
	const requests: Request[] = [];
	if (code === "4") {
		for (let i = 0; i + 1 < params.length; i += 2) {
			if (params[i + 1] === "?" && /^\d{1,3}$/.test(params[i]!) && Number(params[i]) < 256) {
				requests.push({ kind: "color", target: Number(params[i]), terminator });
			}
		}
	} else if (code in DYNAMIC) {
		// Each further parameter stands for the next colour (xterm's ctlseqs, OSC 10).
		for (const [i, param] of params.entries()) {
			const target = DYNAMIC[String(Number(code) + i)];
			if (param === "?" && target !== undefined) requests.push({ kind: "color", target, terminator });
		}
	}
	return requests;
}

export interface Feeding {
	/** Parses the bytes; the emulator's own answers are given out before it returns. */
	feed(bytes: Uint8Array): void;
	subject: QuerySubject;
	onReply(bytes: Uint8Array): void;
	/** OSC 7; null when the program took its directory back. */
	onDirectory(uri: string | null): void;
}

const encoder = new TextEncoder();

/** Feeds whole sequences to an emulator and answers what it does not, each request at its place. */
export function feedAndAnswer(bytes: Uint8Array, feeding: Feeding): void {
	let fed = 0;
	for (const { requests, end } of findRequests(bytes)) {
		feeding.feed(bytes.subarray(fed, end));
		fed = end;
		for (const request of requests) {
			if (request.kind === "directory") feeding.onDirectory(request.uri === "" ? null : request.uri);
			const text = answer(request, feeding.subject);
			if (text !== "") feeding.onReply(encoder.encode(text));
		}
	}
	if (fed < bytes.length) feeding.feed(fed === 0 ? bytes : bytes.subarray(fed));
}

/** The bytes that answer a request; empty for what needs no answer. */
export function answer(request: Request, subject: QuerySubject): string {
	switch (request.kind) {
		case "directory":
			return "";
		case "color": {
			const { target, terminator } = request;
			const { r, g, b } = subject.color(target);
			const name =
				typeof target === "number" ? `4;${target}` : { foreground: 10, background: 11, cursor: 12 }[target];
			return `\x1b]${name};rgb:${wide(r)}/${wide(g)}/${wide(b)}${terminator}`;
		}
		case "setting": {
			// xterm and all that follow it report 1 for a valid request; the VT manuals print it the other way round.
			const value = subject.setting(request.setting);
			return value === null ? "\x1bP0$r\x1b\\" : `\x1bP1$r${value}\x1b\\`;
		}
		case "capability":
			return request.names.map(capability).join("");
	}
}

function capability(name: string): string {
	const value = /^(?:[0-9a-f]{2})+$/i.test(name)
		? CAPABILITIES[Buffer.from(name, "hex").toString()]
		: undefined;
	if (value === undefined) return `\x1bP0+r${/^[0-9a-f]*$/i.test(name) ? name : ""}\x1b\\`;
	return `\x1bP1+r${name}=${Buffer.from(value).toString("hex").toUpperCase()}\x1b\\`;
}

/** Eight bits as the sixteen that X11 colour strings have. */
function wide(value: number): string {
	const hex = value.toString(16).padStart(2, "0");
	return hex + hex;
}

/** The path in an OSC 7 report (`file://host/path`, percent-encoded); null when it is none. */
export function directoryOf(uri: string): string | null {
	const match = /^(?:file|kitty-shell-cwd):\/\/[^/]*(\/.*)$/.exec(uri);
	if (!match) return uri.startsWith("/") ? uri : null;
	try {
		return uri.startsWith("file:") ? decodeURIComponent(match[1]!) : match[1]!;
	} catch {
		// A stray per cent sign: the path was not encoded at all.
		return match[1]!;
	}
}
