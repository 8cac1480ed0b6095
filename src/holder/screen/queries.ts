/**
 * What the engines do not do by themselves, done once for both: the working directory (OSC 7), colour queries (OSC 4, 10, 11, 12),
 * DECRQSS, XTGETTCAP; and for libghostty-vt DECRQM of ANSI modes and DECSTR.
 *
 * An engine feeds its emulator up to the end of such a sequence before it answers, so an answer tells the state at that point and
 * stands in the right place among the emulator's own answers.
 */
import { CAPABILITIES, type Rgb } from "./identity.ts";
import { eachOccurrence } from "./occurrences.ts";

/** What a program asked or told in a string sequence. */
export type Request =
	| { kind: "directory"; uri: string }
	| { kind: "color"; target: ColorTarget; terminator: string }
	/** DECRQSS; `setting` is the final characters of the sequence that would set it. */
	| { kind: "setting"; setting: string }
	/** XTGETTCAP: names in hexadecimal, as they came. */
	| { kind: "capability"; names: string[] }
	/** DECRQM without `?`. */
	| { kind: "ansiMode"; mode: number }
	/** DECSTR. */
	| { kind: "softReset" }
	/** RIS, or the mode of grapheme clusters (DEC private mode 2027) set or reset. */
	| { kind: "clusters" };

/** A palette index, or one of the dynamic colours. */
export type ColorTarget = number | "foreground" | "background" | "cursor";

/** What the answers are made of. */
export interface QuerySubject {
	color(target: ColorTarget): Rgb;
	/** The parameters and final characters that would set this again; null for a setting that is not kept. */
	setting(name: string): string | null;
	/** The state of an ANSI mode; absent where the emulator answers by itself. */
	ansiMode?(mode: number): ModeReport;
}

/** The states of DECRPM. */
export const ModeReport = { unknown: 0, set: 1, reset: 2 } as const;
export type ModeReport = (typeof ModeReport)[keyof typeof ModeReport];

const BEL = 0x07;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;
const QUESTION_MARK = 0x3f;

/** A colour query can be no longer than 256 of the longest palette queries; a directory is shorter than that too. */
const LONGEST_REQUEST_BYTES = 8 * 1024;

/** DECSET and DECRST with 2027 among their parameters; more of them than ever stand in one. */
const CLUSTER_MODE = /^\x1b\[\?(?:\d+;)*2027(?:;\d+)*[hl]/;
const LONGEST_MODES_BYTES = 256;

/** Each kind of request begins, or for a mode ends, with bytes that are rare in output: finding them costs next to nothing. */
const READERS: readonly { needle: Buffer; read: (buffer: Buffer, at: number) => Found | null }[] = [
	{ needle: Buffer.from("\x1b]"), read: readOsc },
	{ needle: Buffer.from("\x1bP"), read: readDcs },
	{ needle: Buffer.from("\x1b[!p"), read: (_, at) => ({ requests: [{ kind: "softReset" }], end: at + 4 }) },
	{ needle: Buffer.from("\x1bc"), read: (_, at) => ({ requests: [{ kind: "clusters" }], end: at + 2 }) },
	{ needle: Buffer.from("2027"), read: readClusterMode },
	{ needle: Buffer.from("$p"), read: readModeRequest },
];
const NEEDLES = READERS.map(({ needle }) => needle);

interface Found {
	requests: Request[];
	/** Index after the sequence. */
	end: number;
}

/** Requests in `bytes`, which must hold whole sequences (see gate.ts), in order. */
function findRequests(bytes: Uint8Array): Found[] {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const all: Found[] = [];
	eachOccurrence(buffer, NEEDLES, (at, needle) => {
		const found = READERS[needle]!.read(buffer, at);
		if (found && found.requests.length > 0) all.push(found);
	});
	return all;
}

function readOsc(buffer: Buffer, at: number): Found | null {
	const end = endOfOsc(buffer, at + 2);
	if (end < 0 || end - at > LONGEST_REQUEST_BYTES) return null;
	const bell = buffer[end] === BEL;
	if (!bell && buffer[end + 1] !== BACKSLASH) return null;
	const requests = parseOsc(buffer.toString("utf8", at + 2, end), bell ? "\x07" : "\x1b\\");
	return { requests, end: end + (bell ? 1 : 2) };
}

function readDcs(buffer: Buffer, at: number): Found | null {
	const end = buffer.indexOf(ESC, at + 2);
	if (end < 0 || end - at > LONGEST_REQUEST_BYTES || buffer[end + 1] !== BACKSLASH) return null;
	const body = buffer.toString("utf8", at + 2, end);
	if (body.startsWith("$q")) return { requests: [{ kind: "setting", setting: body.slice(2) }], end: end + 2 };
	if (!body.startsWith("+q")) return null;
	return { requests: [{ kind: "capability", names: body.slice(2).split(";") }], end: end + 2 };
}

/** `CSI Ps $ p`, of which the needle is the end. */
function readModeRequest(buffer: Buffer, at: number): Found | null {
	const match = /\x1b\[(\d{1,5})$/.exec(buffer.toString("latin1", Math.max(0, at - 7), at));
	return match && { requests: [{ kind: "ansiMode", mode: Number(match[1]) }], end: at + 2 };
}

/** `CSI ? Pm h` and `l` with a parameter that the needle is. Years are written in many outputs: most are told by the byte before. */
function readClusterMode(buffer: Buffer, at: number): Found | null {
	if (buffer[at - 1] !== QUESTION_MARK && buffer[at - 1] !== SEMICOLON) return null;
	const from = Math.max(0, at - LONGEST_MODES_BYTES);
	const around = buffer.toString("latin1", from, at + LONGEST_MODES_BYTES);
	const start = around.lastIndexOf("\x1b", at - from);
	const sequence = start < 0 ? null : CLUSTER_MODE.exec(around.slice(start));
	return sequence && { requests: [{ kind: "clusters" }], end: from + start + sequence[0].length };
}

function endOfOsc(buffer: Buffer, from: number): number {
	const end = buffer.indexOf(ESC, from);
	const bell = buffer.indexOf(BEL, from);
	return bell >= 0 && (end < 0 || bell < end) ? bell : end;
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
	/** DECSTR; absent where the emulator does it. */
	onSoftReset?(): void;
	/** Clusters may have been turned off, and shall not be; absent where they cannot be. */
	onClusters?(): void;
}

const encoder = new TextEncoder();

/** Feeds whole sequences to an emulator and answers what it does not, each request at its place. */
export function feedAndAnswer(bytes: Uint8Array, feeding: Feeding): void {
	let fed = 0;
	for (const { requests, end } of findRequests(bytes)) {
		feeding.feed(bytes.subarray(fed, end));
		fed = end;
		for (const request of requests) {
			if (request.kind === "softReset") feeding.onSoftReset?.();
			if (request.kind === "clusters") feeding.onClusters?.();
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
		case "softReset":
		case "clusters":
			return "";
		case "ansiMode": {
			const report = subject.ansiMode?.(request.mode);
			return report === undefined ? "" : `\x1b[${request.mode};${report}$y`;
		}
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
