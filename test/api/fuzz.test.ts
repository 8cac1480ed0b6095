import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { Berth } from "../support/berth.ts";

/** Requests per operation: enough to meet every branch of a schema, few enough for every run of the tests. */
const RUNS = 25;

interface Operation {
	method: string;
	path: string;
	query: string[];
	hasBody: boolean;
}

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
const operations: Operation[] = [];

interface Document {
	paths: Record<string, Record<string, { parameters: { name: string; in: string }[]; requestBody?: object }>>;
}

beforeAll(async () => {
	berth = await Berth.start();
	await berth.api("POST", "/sessions", { name: "fuzzed", command: ["cat"], port: null });
	await berth.api("POST", "/sessions", { name: "ended", command: ["true"], port: null });
	const { body } = await berth.api<Document>("GET", "/docs/json");
	for (const [path, methods] of Object.entries(body.paths)) {
		for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
			const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
			operations.push({ method: method.toUpperCase(), path, query, hasBody: requestBody !== undefined });
		}
	}
});
afterAll(() => berth[Symbol.asyncDispose]());

/** Names that the API's bodies know, so that random bodies get past "unknown field". */
const fields = [
	"name",
	"cwd",
	"shell",
	"command",
	"env",
	"cols",
	"rows",
	"port",
	"kind",
	"tags",
	"idleTimeoutSeconds",
	"restart",
	"sizePolicy",
	"text",
	"keys",
	"signal",
	"regex",
	"idleMs",
	"timeoutMs",
	"prompt",
	"exit",
	"input",
	"label",
	"scope",
	"session",
	"expiresInSeconds",
	"onTimeout",
];

// A command or a directory that exists would make sessions by the hundred; everything else may be anything.
const scalar = fc.oneof(
	fc.string({ unit: "binary", maxLength: 40 }),
	fc.integer(),
	fc.double(),
	fc.boolean(),
	fc.constant(null),
	fc.constantFrom(
		"fuzzed",
		"ended",
		"INT",
		"text",
		"C-c",
		"(",
		"[",
		"\\",
		"admin",
		"no",
		"../..",
		"\u0000",
		"1e400",
		"-1",
		"99999999999999999999",
	),
);
const value = fc.oneof(
	scalar,
	fc.array(scalar, { maxLength: 4 }),
	fc.dictionary(fc.string(), scalar, { maxKeys: 3 }),
);
const body = fc.oneof(
	fc
		.dictionary(fc.constantFrom(...fields), value, { maxKeys: 4 })
		.map((object) => JSON.stringify({ cwd: "/no/such", ...object })),
	fc
		.dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 })
		.map((object) => JSON.stringify({ timeoutMs: 1, ...object })),
	fc.json(),
	fc.string({ unit: "binary" }),
	fc.constant(""),
);
const query = (names: string[]) =>
	fc.dictionary(
		fc.constantFrom(...names, "bogus", "__proto__"),
		fc.oneof(scalar, fc.constantFrom("0", "1", "true")),
		{ maxKeys: 3 },
	);
const ref = fc.oneof(
	fc.constantFrom(
		"fuzzed",
		"ended",
		"none",
		"s_",
		"w_",
		"20000",
		"main",
		"..",
		".",
		"%00",
		"%zz",
		"%2e%2e%2f",
		"null",
		"constructor",
	),
	fc.string({ minLength: 1, maxLength: 20 }),
);

/** The deed of these is what they are for; on random sessions they would take away what the others need. */
const ENDING = /\/(close|kill|restart|pause|resume)$/;

test("no operation answers random bodies, queries and paths with a 500", async () => {
	const faults: string[] = [];
	for (const operation of operations) {
		const { method, path, query: names, hasBody } = operation;
		const request = fc.record({
			refs: fc.tuple(ref, ref),
			query: query(names),
			body: hasBody ? body : fc.constant(undefined),
			type: fc.constantFrom(
				"application/json",
				"application/json",
				"application/json",
				"application/octet-stream",
			),
		});
		for (const sample of fc.sample(request, RUNS)) {
			const endless =
				path.endsWith("/events") || (path.endsWith("/wait") && !sample.body?.includes("timeoutMs"));
			const [first, second] = sample.refs;
			const isLive = first === "fuzzed" || first === "20000";
			if (isLive && (ENDING.test(path) || method === "DELETE" || method === "PATCH")) continue;
			const parts = { ref: segment(first), wid: segment(second), id: segment(first) };
			const where = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof parts) => parts[name]);
			const search = new URLSearchParams(
				Object.entries(sample.query).map(([name, item]) => [name, String(item)]),
			);
			const init: RequestInit = {
				method,
				signal: AbortSignal.timeout(endless ? 50 : 20_000),
				redirect: "manual",
			};
			if (sample.body !== undefined) {
				init.body = sample.body;
				init.headers = { "content-type": sample.type };
			}
			const text = `${method} ${where}?${search} ${sample.body?.slice(0, 200) ?? ""}`;
			try {
				const response = await berth.fetch(`${where}?${search}`, init);
				if (response.status >= 500 && response.status !== 503)
					faults.push(`${response.status} ${text}: ${await response.text()}`);
				else if (response.status >= 400) {
					const type = response.headers.get("content-type");
					if (type !== "application/problem+json") faults.push(`${response.status} ${type} ${text}`);
				}
				if (!response.bodyUsed) await response.body?.cancel();
			} catch (error) {
				if (!(endless && error instanceof DOMException && error.name === "TimeoutError"))
					faults.push(`${error} ${text}`);
			}
		}
	}
	expect(faults).toEqual([]);
	expect((await berth.api("GET", "/sessions/fuzzed")).status).toBe(200);
});

/** As it stands when it is a spelled-out escape, else as one segment of a path. */
function segment(text: string): string {
	return /^%[0-9a-z%]+$/.test(text) ? text : encodeURIComponent(text);
}
