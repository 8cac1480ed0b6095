import { afterAll, beforeAll, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Value } from "@sinclair/typebox/value";
import { errorKinds } from "../../contract/errors.ts";
import { FACTS, type OperationDetail } from "../http/operation.ts";
import { type TestDaemon, testDaemon } from "../testing.ts";

interface Operation {
	operationId: string;
	tags: string[];
	summary: string;
	description: string;
	parameters: { name: string; in: string; description: string; required: boolean }[];
	requestBody?: { content: Record<string, { example?: unknown }> };
	responses: Record<
		string,
		{
			description: string;
			content?: Record<string, { schema?: unknown; example?: unknown; examples?: unknown }>;
		}
	>;
	security: unknown[];
}
interface Document {
	openapi: string;
	paths: Record<string, Record<string, Operation>>;
	components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

let daemon: TestDaemon;
let document: Document;
const operations = () =>
	Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ where: `${method} ${path}`, path, operation })),
	);

beforeAll(async () => {
	daemon = testDaemon();
	document = (await (await daemon.ask("tcp", "/docs/json")).json()) as Document;
});
afterAll(() => daemon.dispose());

test("an independent validator accepts the document", async () => {
	const result = await new Validator().validate(
		structuredClone(document) as unknown as Record<string, unknown>,
	);
	expect(result.errors ?? null).toBeNull();
	expect(result.valid).toBe(true);
});

test("every path of the design is there, for sessions and for workers alike", () => {
	const design = [
		"get /health",
		"get /sessions",
		"post /sessions",
		"get /sessions/{ref}",
		"patch /sessions/{ref}",
		"delete /sessions/{ref}",
		"get /sessions/{ref}/workers",
		"get /events",
		"get /metrics",
		"get /tokens",
		"post /tokens",
		"delete /tokens/{id}",
		"post /login/tickets",
		"get /login",
		"post /logout",
	];
	const perTerminal = ["close", "kill", "restart", "signal", "input", "keys", "run", "wait", "resize"].map(
		(name) => `post ${name}`,
	);
	perTerminal.push(...["screen", "output", "journal", "recording", "attach"].map((name) => `get ${name}`));
	for (const entry of perTerminal) {
		const [method, name] = entry.split(" ");
		design.push(`${method} /sessions/{ref}/${name}`, `${method} /sessions/{ref}/workers/{wid}/${name}`);
	}
	const known = operations().map(({ where }) => where);
	expect(design.filter((where) => !known.includes(where))).toEqual([]);
});

test("every operation has an id of its own, a tag, a summary, a description and its errors", () => {
	const ids = operations().map(({ operation }) => operation.operationId);
	expect(new Set(ids).size).toBe(ids.length);
	for (const { where, operation, path } of operations()) {
		expect(operation.tags, where).toHaveLength(1);
		expect(operation.summary.length, where).toBeGreaterThan(5);
		expect(operation.description.length, where).toBeGreaterThan(5);
		const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
		expect(errors.length, where).toBeGreaterThan(0);
		for (const [status, { content }] of errors) {
			expect(Object.keys(content ?? {}), `${where} ${status}`).toEqual(["application/problem+json"]);
		}
		const inPath = operation.parameters
			.filter((parameter) => parameter.in === "path")
			.map(({ name }) => name);
		expect(inPath.sort(), where).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort());
		for (const parameter of operation.parameters)
			expect(parameter.description, `${where} ${parameter.name}`).toBeTruthy();
	}
});

test("every request body and every successful answer has an example", () => {
	for (const { where, operation } of operations()) {
		for (const media of Object.values(operation.requestBody?.content ?? {}))
			expect(media.example, where).toBeDefined();
		for (const [status, { content }] of Object.entries(operation.responses)) {
			if (Number(status) >= 300) continue;
			for (const media of Object.values(content ?? {}))
				expect(media.example, `${where} ${status}`).toBeDefined();
		}
	}
});

test("every example fits its schema", () => {
	let checked = 0;
	for (const { hooks, path } of daemon.app.routes as {
		hooks: { detail?: Partial<OperationDetail>; body?: never };
		path: string;
	}[]) {
		const facts = hooks.detail?.[FACTS];
		if (!facts) continue;
		for (const { content = {} } of facts.answers) {
			for (const { schema, example } of Object.values(content)) {
				if (!schema) continue;
				expect([...Value.Errors(schema, example)], `${facts.id} answers`).toEqual([]);
				checked++;
			}
		}
		if (facts.body) {
			expect([...Value.Errors(hooks.body!, facts.body.example)], `${path} takes`).toEqual([]);
			checked++;
		}
	}
	expect(checked).toBeGreaterThan(40);
});

test("only what the design calls public needs no token", () => {
	const open = operations()
		.filter(({ operation }) => operation.security.length === 0)
		.map(({ where }) => where)
		.sort();
	expect(open).toEqual(["get /docs", "get /docs/json", "get /health", "get /login"]);
});

test("every route says who may call it", () => {
	for (const { hooks, path, method } of daemon.app.routes as {
		hooks: { detail?: Partial<OperationDetail> };
		path: string;
		method: string;
	}[]) {
		expect(hooks.detail?.[FACTS]?.scope, `${method} ${path}`).toBeDefined();
	}
});

test("every error code that an operation names exists", () => {
	for (const { where, operation } of operations()) {
		for (const [status, { content }] of Object.entries(operation.responses)) {
			const examples = content?.["application/problem+json"]?.examples as
				| Record<string, { value: { status: number } }>
				| undefined;
			for (const [code, { value }] of Object.entries(examples ?? {})) {
				expect(errorKinds[code as keyof typeof errorKinds].status as number, where).toBe(Number(status));
				expect(value.status).toBe(Number(status));
			}
		}
	}
});

test("the pages load nothing from elsewhere", async () => {
	for (const path of ["/docs", "/login"]) {
		const response = await daemon.ask("tcp", path);
		expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
		const html = await response.text();
		expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
		for (const [, asset] of html.matchAll(/(?:src|href)="(\/(?:docs\/)?assets\/[^"]+)"/g)) {
			const file = await daemon.ask("tcp", asset!);
			expect(file.status, asset).toBe(200);
			expect((await file.text()).length, asset).toBeGreaterThan(50);
		}
	}
});
