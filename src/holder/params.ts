/**
 * Checks what callers ask of a holder, without a schema library: a holder must stay small (loading TypeBox costs more memory than
 * the rest of the holder's own code), and both its carriers, the link and the session's port, go through here.
 * The schemas in contract/io.ts are the truth; params.test.ts holds these checks to them.
 */
import type { AgentPrompt } from "../contract/agent-log.ts";
import { BerthError, type ErrorCode } from "../contract/errors.ts";
import type { RunRequest, ScreenFormat, WaitRequest } from "../contract/io.ts";
import type { Lend } from "../contract/lending.ts";
import { INPUT_LIMIT_BYTES, SIZE_LIMITS, WAIT_LIMITS_MS } from "../contract/limits.ts";
import type { LinkMethod, LinkMethods } from "../contract/link.ts";
import type { Answers } from "../contract/question.ts";
import { signalNames } from "../contract/signals.ts";
import { exitReasons } from "../contract/state.ts";
import type { AttachRequest, ClientMessage } from "../contract/stream.ts";
import { answerers, permissionDecisions } from "../contract/words.ts";
import { parseDetachKeys } from "../terminal/detach-keys.ts";

/** Names in io.ts and system.ts stand beside TypeBox; a holder repeats these few words and the test compares them. */
export const screenFormatNames: readonly ScreenFormat[] = ["text", "ansi", "html", "json"];

/** Keys of one request, and lines or commands of one answer. */
const KEYS_LIMIT = 10_000;
export const LINES_LIMIT = 1_000_000;

/** Characters of what a client calls itself. */
const CLIENT_NAME_LIMIT = 64;

type Fields = Record<string, unknown>;

function refuse(field: string, why: string, code: ErrorCode = "bad_request"): never {
	throw new BerthError(code, `${field} ${why}`, { field });
}

/** The value as an object; `strict` refuses fields that are not named. */
function fields(value: unknown, allowed: readonly string[], what: string, strict: boolean): Fields {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new BerthError("bad_request", `${what} must be a JSON object`);
	}
	if (!strict) return value as Fields;
	for (const name of Object.keys(value)) {
		if (!allowed.includes(name))
			refuse(name, `is not a field of ${what}; it has ${allowed.join(", ") || "none"}`);
	}
	return value as Fields;
}

function integer(from: Fields, name: string, min: number, max: number, code?: ErrorCode): number {
	const value = from[name];
	if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
		refuse(name, `must be a whole number from ${min} to ${max}`, code);
	}
	return value as number;
}

function text(from: Fields, name: string, minLength: number): string {
	const value = from[name];
	if (typeof value !== "string" || value.length < minLength) {
		refuse(name, minLength > 0 ? "must be a text that is not empty" : "must be a text");
	}
	return value as string;
}

function flag(from: Fields, name: string): boolean {
	if (typeof from[name] !== "boolean") refuse(name, "must be true or false");
	return from[name] as boolean;
}

function choice<T extends string>(from: Fields, name: string, choices: readonly T[]): T {
	const value = from[name];
	if (!choices.includes(value as T)) refuse(name, `must be one of ${choices.join(", ")}`);
	return value as T;
}

/** The field by `take`, when it is there. */
function optional<T>(from: Fields, name: string, take: () => T): Record<string, T> {
	return from[name] === undefined ? {} : { [name]: take() };
}

function textOrNull(from: Fields, name: string): string | null {
	return from[name] === null ? null : text(from, name, 0);
}

function imagesOf(from: Fields): AgentPrompt["images"] {
	const { images } = from;
	if (!Array.isArray(images)) refuse("images", "must be a list");
	return images.map((image: unknown) => {
		const one = fields(image, ["sha256", "mediaType"], "an image", false);
		return { sha256: text(one, "sha256", 1), mediaType: text(one, "mediaType", 1) };
	});
}

/** Whether they fit the questions is decided where those are known. */
function answersOf(from: Fields): Answers {
	const given = fields(from.answers, [], "the answers", false);
	return Object.fromEntries(
		Object.entries(given).map(([id, values]) => {
			if (!Array.isArray(values) || !values.every((value) => typeof value === "string"))
				refuse("answers", "must be lists of texts");
			return [id, values];
		}),
	);
}

function size(from: Fields): { cols: number; rows: number } {
	return {
		cols: integer(from, "cols", SIZE_LIMITS.minCols, SIZE_LIMITS.maxCols, "invalid_size"),
		rows: integer(from, "rows", SIZE_LIMITS.minRows, SIZE_LIMITS.maxRows, "invalid_size"),
	};
}

function noParams(value: unknown, strict: boolean): Record<string, never> {
	fields(value ?? {}, [], "the parameters", strict);
	return {};
}

/** Bounds what is typed in one go. */
export function checkInputSize(bytes: number): void {
	if (bytes > INPUT_LIMIT_BYTES) {
		throw new BerthError(
			"too_large",
			`one input may have at most ${INPUT_LIMIT_BYTES} bytes; send a file instead`,
		);
	}
}

function checkRun(value: unknown, strict: boolean): RunRequest {
	const from = fields(value, ["command", "timeoutMs", "onTimeout"], "a run request", strict);
	const request: RunRequest = {
		command: text(from, "command", 1),
		...optional(from, "timeoutMs", () => integer(from, "timeoutMs", 0, WAIT_LIMITS_MS.longest)),
		...optional(from, "onTimeout", () => choice(from, "onTimeout", ["leave", "interrupt"] as const)),
	};
	checkInputSize(Buffer.byteLength(request.command));
	return request;
}

function checkWait(value: unknown, strict: boolean): WaitRequest {
	const names = ["text", "regex", "idleMs", "prompt", "exit", "timeoutMs", "input"];
	const from = fields(value, names, "a wait request", strict);
	const request: WaitRequest = {
		...optional(from, "text", () => text(from, "text", 1)),
		...optional(from, "regex", () => text(from, "regex", 1)),
		...optional(from, "idleMs", () => integer(from, "idleMs", 1, WAIT_LIMITS_MS.longest)),
		...optional(from, "prompt", () => flag(from, "prompt")),
		...optional(from, "exit", () => flag(from, "exit")),
		...optional(from, "timeoutMs", () => integer(from, "timeoutMs", 0, WAIT_LIMITS_MS.longest)),
		...optional(from, "input", () => text(from, "input", 0)),
	};
	checkInputSize(Buffer.byteLength(request.input ?? ""));
	return request;
}

function checkKeys(value: unknown, strict: boolean): { keys: string[] } {
	const { keys } = fields(value, ["keys"], "a keys request", strict);
	if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_LIMIT) {
		return refuse("keys", `must be a list of 1 to ${KEYS_LIMIT} key names`);
	}
	for (const key of keys) {
		if (typeof key !== "string" || key === "") refuse("keys", "must hold texts that are not empty");
	}
	return { keys };
}

/**
 * One check per call; each returns exactly what the method gets, or throws with the field's name. Over HTTP a field that does not
 * exist is a typing mistake and refused; over the link it is a newer daemon's and ignored.
 */
export const checks: { [M in LinkMethod]: (value: unknown, strict: boolean) => LinkMethods[M]["params"] } = {
	status: noParams,
	clients: noParams,
	cancel(value, strict) {
		const from = fields(value, ["call"], "a cancel request", strict);
		return { call: integer(from, "call", 0, Number.MAX_SAFE_INTEGER) };
	},
	screen(value, strict) {
		const from = fields(value, ["format"], "a screen request", strict);
		return { format: choice(from, "format", screenFormatNames) };
	},
	output(value, strict) {
		const from = fields(value ?? {}, ["lines"], "an output request", strict);
		return optional(from, "lines", () => integer(from, "lines", 1, LINES_LIMIT));
	},
	input(value, strict) {
		const from = fields(value, ["data", "paste", "once"], "an input request", strict);
		return {
			data: text(from, "data", 0),
			...optional(from, "paste", () => flag(from, "paste")),
			...optional(from, "once", () => text(from, "once", 1)),
		};
	},
	keys: checkKeys,
	run: checkRun,
	wait: checkWait,
	resize(value, strict) {
		return size(fields(value, ["cols", "rows"], "a resize request", strict));
	},
	signal(value, strict) {
		return { signal: choice(fields(value, ["signal"], "a signal request", strict), "signal", signalNames) };
	},
	intent(value, strict) {
		return { reason: choice(fields(value, ["reason"], "an intent", strict), "reason", exitReasons) };
	},
	agentInterrupt: noParams,
	agentPrompt(value, strict) {
		const from = fields(value, ["promptId", "text", "images"], "a prompt", strict);
		return { promptId: text(from, "promptId", 1), text: text(from, "text", 0), images: imagesOf(from) };
	},
	agentAnswer(value, strict) {
		const names = ["id", "decision", "optionId", "by", "ruleId", "reason", "answers"];
		const from = fields(value, names, "an answer", strict);
		return {
			id: text(from, "id", 1),
			decision: choice(from, "decision", permissionDecisions),
			optionId: textOrNull(from, "optionId"),
			by: choice(from, "by", answerers),
			ruleId: textOrNull(from, "ruleId"),
			reason: textOrNull(from, "reason"),
			...optional(from, "answers", () => answersOf(from)),
		};
	},
	agentConfigure(value, strict) {
		const from = fields(value, ["model", "mode"], "an agent's configuration", strict);
		return {
			...optional(from, "model", () => text(from, "model", 1)),
			...optional(from, "mode", () => text(from, "mode", 1)),
		};
	},
	commands(value, strict) {
		const from = fields(value ?? {}, ["limit"], "a commands request", strict);
		return optional(from, "limit", () => integer(from, "limit", 1, LINES_LIMIT));
	},
};

/** `{text}` of the session port's input. */
export function checkInputText(value: unknown): string {
	return text(fields(value, ["text"], "an input request", true), "text", 0);
}

/** What a client asks for when it attaches; `type` may be in it. Fields that a newer client adds are let be. */
export function checkAttach(value: unknown): AttachRequest {
	if (typeof value !== "object" || value === null)
		throw new BerthError("bad_request", "an attach must be an object");
	const from = value as Fields;
	const request: AttachRequest = {
		role: from.role === undefined ? "writer" : choice(from, "role", ["writer", "viewer"] as const),
	};
	if (from.cols !== undefined || from.rows !== undefined) Object.assign(request, size(from));
	if (from.from !== undefined || from.generation !== undefined) {
		request.from = integer(from, "from", 0, Number.MAX_SAFE_INTEGER);
		request.generation = integer(from, "generation", 1, Number.MAX_SAFE_INTEGER);
	}
	if (from.scrollback !== undefined) {
		request.scrollback = integer(from, "scrollback", 0, Number.MAX_SAFE_INTEGER);
	}
	if (from.name !== undefined) request.name = text(from, "name", 0).slice(0, CLIENT_NAME_LIMIT);
	return request;
}

/** A client's control message. */
export function checkClientMessage(value: unknown): ClientMessage {
	if (typeof value !== "object" || value === null)
		throw new BerthError("bad_request", "a message must be an object");
	const from = value as Fields;
	if (from.type === "claim" || from.type === "repaint") return { type: from.type };
	if (from.type === "resize") return { type: "resize", ...size(from) };
	throw new BerthError("bad_request", "a message's type must be resize, claim or repaint", { field: "type" });
}

/** A client's terminal, lent. The client is a Berth of this user, so only the shape is looked at. */
export function checkLend(value: unknown): Lend {
	const from = fields(value, [], "a lend", false);
	const terminal = fields(from.terminal, [], "its terminal", false);
	const marks = fields(from.marks, [], "its marks", false);
	const keyboard = fields(marks.keyboard, [], "their keyboard", false);
	const detachKeys = text(from, "detachKeys", 1);
	parseDetachKeys(detachKeys);
	return {
		type: "lend",
		terminal: { path: text(terminal, "path", 1), file: text(terminal, "file", 1) },
		pid: integer(from, "pid", 1, Number.MAX_SAFE_INTEGER),
		detachKeys,
		offset: integer(from, "offset", 0, Number.MAX_SAFE_INTEGER),
		marks: {
			alternate: marks.alternate === true,
			origin: marks.origin === true,
			tabStops: marks.tabStops === true,
			keyboard: {
				primary: integer(keyboard, "primary", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
				alternate: integer(keyboard, "alternate", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
			},
			tail: text(marks, "tail", 0),
		},
	};
}
