/** The session port's paths: what each needs and what it answers. The operations are those of the link (calls.ts). */
import { BerthError } from "../../contract/errors.ts";
import { openJournal } from "../../journal/reader.ts";
import { recording } from "../../journal/recording.ts";
import { perform, type WorkerMethod } from "../calls.ts";
import { checkInputText } from "../params.ts";
import type { Worker } from "../worker.ts";
import { jsonBody, rawBody } from "./body.ts";
import type { Need } from "./guard.ts";

const UTF8_TEXT = "text/plain; charset=utf-8";

export interface PortRequest {
	request: Request;
	query: URLSearchParams;
	worker: Worker;
	/** Throws `forbidden` unless the caller's token may write: for routes where the body decides. */
	needWrite: () => void;
}

export interface Route {
	method: "GET" | "POST";
	need: Need;
	/** May take as long as the caller said: no time-out of the connection. */
	long?: true;
	handle: (request: PortRequest) => Promise<Response> | Response;
}

export const routes: Record<string, Route> = {
	"/status": {
		method: "GET",
		need: "read",
		handle: async ({ worker }) => Response.json(await perform(worker, "status", {}, true)),
	},
	"/screen": { method: "GET", need: "read", handle: screen },
	"/output": { method: "GET", need: "read", handle: output },
	"/journal": { method: "GET", need: "read", handle: journal },
	"/recording": { method: "GET", need: "read", handle: recorded },
	"/input": { method: "POST", need: "write", handle: input },
	"/keys": posted("keys"),
	"/run": { ...posted("run"), long: true },
	"/wait": {
		method: "POST",
		need: "read",
		long: true,
		async handle({ worker, request, needWrite }) {
			const body = await jsonBody(request);
			if (typeof body === "object" && body !== null && "input" in body) needWrite();
			return Response.json(await perform(worker, "wait", body, true, request.signal));
		},
	},
	"/resize": posted("resize"),
	"/signal": {
		method: "POST",
		need: "write",
		async handle({ worker, request }) {
			const { pgid } = await perform(worker, "signal", await jsonBody(request), true);
			return Response.json({ status: "signalled", pgid });
		},
	},
};

/** Paths that people try here and that live at the daemon. */
export const lifecyclePaths: ReadonlySet<string> = new Set(["/close", "/kill", "/restart"]);

function posted(method: WorkerMethod): Route {
	return {
		method: "POST",
		need: "write",
		async handle({ worker, request }) {
			return Response.json(await perform(worker, method, await jsonBody(request), true));
		},
	};
}

async function screen({ worker, query }: PortRequest): Promise<Response> {
	const format = query.get("format") ?? "text";
	const { rendering, ...facts } = await perform(worker, "screen", { format }, true);
	const headers: Record<string, string> = { "berth-offset": String(facts.offset) };
	if (rendering === null) return Response.json(facts, { headers });
	if (format === "html") {
		headers["content-type"] = "text/html; charset=utf-8";
		// What a program printed is shown, never run.
		headers["content-security-policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
	} else headers["content-type"] = UTF8_TEXT;
	return new Response(rendering, { headers });
}

async function output({ worker, query, request }: PortRequest): Promise<Response> {
	const lines = query.has("lines") ? { lines: wholeNumber(query, "lines") } : {};
	const result = await perform(worker, "output", lines, true);
	const acceptsJson = request.headers.get("accept")?.includes("application/json");
	const format = query.get("format") ?? (acceptsJson ? "json" : "text");
	const headers = { "berth-offset": String(result.offset) };
	if (format === "json") return Response.json(result, { headers });
	if (format === "text")
		return new Response(result.text, { headers: { ...headers, "content-type": UTF8_TEXT } });
	throw new BerthError("bad_request", "format must be text or json", { field: "format" });
}

async function input({ worker, request }: PortRequest): Promise<Response> {
	const bytes = (await rawBody(request)) ?? Buffer.from(checkInputText(await jsonBody(request)));
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
	return Response.json(await perform(worker, "input", { data }, true));
}

/** The bytes `[from, to)` that are kept without a gap; the headers say which those are. */
function journal({ worker, query }: PortRequest): Response {
	const from = query.has("from") ? wholeNumber(query, "from") : worker.startOffset;
	const to = query.has("to") ? wholeNumber(query, "to") : worker.offset;
	const reader = openJournal(worker.spec.generationDir);
	const span = reader.span(from, Math.min(to, worker.offset));
	return new Response(contiguous(reader.chunks(span.from, span.to), span.from), {
		headers: {
			"content-type": "application/octet-stream",
			"berth-start-offset": String(span.from),
			"berth-end-offset": String(span.to),
			"berth-generation": String(worker.generation),
		},
	});
}

/** As long as what is read was not trimmed meanwhile; then the body breaks off, which a length below the headers' tells. */
function contiguous(chunks: Iterable<{ offset: number; bytes: Uint8Array }>, from: number): ReadableStream {
	let at = from;
	return pulled(chunks, ({ offset, bytes }) => {
		if (offset !== at) throw new BerthError("internal", "the journal was trimmed while it was read");
		at += bytes.length;
		return bytes;
	});
}

function recorded({ worker, query }: PortRequest): Response {
	const version = query.get("version") ?? "3";
	if (version !== "2" && version !== "3") {
		throw new BerthError("bad_request", "version must be 2 or 3", { field: "version" });
	}
	const { argv, env, generationDir } = worker.spec;
	const lines = recording(generationDir, {
		version: version === "2" ? 2 : 3,
		title: worker.title,
		command: argv.join(" "),
		env: { TERM: env.TERM ?? "", SHELL: env.SHELL ?? "" },
	});
	const encoder = new TextEncoder();
	return new Response(
		pulled(lines, (line) => encoder.encode(line)),
		{ headers: { "content-type": "application/x-asciicast" } },
	);
}

/** A stream that takes from an iterable at the reader's pace. */
function pulled<T>(items: Iterable<T>, bytesOf: (item: T) => Uint8Array): ReadableStream<Uint8Array> {
	const iterator = items[Symbol.iterator]();
	return new ReadableStream({
		pull(controller) {
			const next = iterator.next();
			if (next.done) controller.close();
			else controller.enqueue(bytesOf(next.value));
		},
		cancel() {
			iterator.return?.();
		},
	});
}

export function wholeNumber(query: URLSearchParams, name: string): number {
	const text = query.get(name) ?? "";
	if (!/^\d{1,15}$/.test(text))
		throw new BerthError("bad_request", `${name} must be a whole number`, { field: name });
	return Number(text);
}
