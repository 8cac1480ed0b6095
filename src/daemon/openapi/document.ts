/**
 * The OpenAPI 3.1 document. @elysiajs/swagger collects it from the routes; what is said of an operation comes from the facts that stand
 * beside each route, and the plugin takes it over from `detail` as it stands.
 *
 * It is not left to derive parameters, bodies and answers from the schemas: measured with 1.3.1, its own would call themselves
 * 3.0.3 but hold `const`, `type: null` and arrays of `examples` at parameters, which 3.0 does not have, and offer every body as form
 * data and text, which we refuse; the validator rejects that.
 */
import { type ElysiaSwaggerConfig, swagger } from "@elysiajs/swagger";
import type { TSchema } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { type ErrorCode, errorKinds } from "../../contract/errors.ts";
import { ProblemDocument } from "../../contract/system.ts";
import { VERSION } from "../../contract/version.ts";
import { BYTES_TYPE, IMAGE_TYPES, JSON_TYPE, TOML_TYPE } from "../http/body.ts";
import { COOKIE_NAME } from "../http/cookie.ts";
import { type Answer, FACTS, type OperationDetail, type OperationFacts, tags } from "../http/operation.ts";
import { componentName, namedSchemas, plain } from "./schemas.ts";

type Json = Record<string, unknown>;

/** Where the plugin answers in the catalogue, beside what it describes; nobody else ever asks there. */
const PAGE_PATH = "/catalogue";

export interface DocumentedRoute {
	method: string;
	path: string;
	hooks: { detail?: Partial<OperationDetail>; params?: unknown; query?: unknown; body?: unknown };
}

/** Takes some milliseconds and megabytes: made when somebody asks, and of routes that have no handler. */
export async function openApiDocument(routes: readonly DocumentedRoute[]): Promise<string> {
	const catalogue = new Elysia({ aot: false });
	for (const { method, path, hooks } of routes) {
		const facts = hooks.detail?.[FACTS];
		if (facts && !facts.hidden) {
			catalogue.route(method, path, () => "", { detail: operationObject(facts, hooks) });
		}
	}
	catalogue.use(swagger({ path: PAGE_PATH, documentation: frame() as ElysiaSwaggerConfig["documentation"] }));
	const answer = await catalogue.handle(new Request(`http://localhost${PAGE_PATH}/json`));
	return await answer.text();
}

/** What the document says besides its operations. */
function frame(): Json {
	const schemas = Object.fromEntries(
		[...namedSchemas].map(([schema, name]) => [name, plain(schema, { inline: schema })]),
	);
	return {
		openapi: "3.1.0",
		info: {
			title: "Berth",
			version: VERSION,
			summary: "Terminals and coding agents that outlive their clients, shared by people, scripts and agents",
			description: INTRODUCTION,
			license: { name: "MIT", identifier: "MIT" },
		},
		servers: [{ url: "/", description: "The daemon that serves this document" }],
		tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
		components: {
			schemas,
			securitySchemes: {
				bearer: { type: "http", scheme: "bearer", description: "A token of `berth token` or POST /tokens" },
				cookie: {
					type: "apiKey",
					in: "cookie",
					name: COOKIE_NAME,
					description: "A browser that `berth ui` logged in",
				},
			},
		},
		security: SIGNED_IN,
	};
}

const INTRODUCTION = `A session is a named place to work; its workers are processes in terminals that go on whoever looks.

REF is a session's id, a unique prefix of it, its name or its port. What is said about a session's terminal concerns its
primary worker; the same paths below …/workers/WID concern any worker.

Every failure is a problem document (RFC 9457) whose \`code\` is stable. On the unix socket no token is needed.`;

const SIGNED_IN = [{ bearer: [] }, { cookie: [] }];

function operationObject(facts: OperationFacts, hooks: DocumentedRoute["hooks"]): Json {
	const { id, tag, summary, scope } = facts;
	const need = scope === "public" ? "Needs no token." : `Needs the scope \`${scope}\`.`;
	const bound = facts.unbound ? " A token that is bound to one session is refused." : "";
	const result: Json = {
		operationId: id,
		tags: [tag],
		summary,
		description: [facts.description, need + bound].filter((part) => part !== undefined).join("\n\n"),
		security: scope === "public" ? [] : SIGNED_IN,
		parameters: [...parametersOf("path", hooks.params), ...parametersOf("query", hooks.query)],
		responses: { ...successes(facts.answers), ...failures(codesOf(facts)) },
	};
	const body = requestBody(facts, hooks.body as BodySchema | undefined);
	if (body) result.requestBody = body;
	return result;
}

interface ObjectSchema {
	properties?: Record<string, TSchema>;
	required?: string[];
}

function parametersOf(where: "path" | "query", schema: unknown): Json[] {
	const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
	return Object.entries(properties).map(([name, property]) => {
		const { description, examples, ...rest } = property;
		const parameter: Json = {
			name,
			in: where,
			required: required.includes(name),
			description,
			schema: plain(rest),
		};
		if (Array.isArray(examples)) parameter.example = examples[0];
		return parameter;
	});
}

interface BodySchema extends ObjectSchema {
	anyOf?: TSchema[];
}

function requestBody({ body }: OperationFacts, schema: BodySchema | undefined): Json | null {
	if (!schema) return null;
	if (body?.image) {
		const types = [BYTES_TYPE, ...IMAGE_TYPES];
		const image = { schema: { type: "string", format: "binary" }, example: "PNG…" };
		return { required: true, content: Object.fromEntries(types.map((type) => [type, image])) };
	}
	const asJson =
		body?.schema ?? (body?.alsoBytes ? schema.anyOf?.find(({ type }) => type === "object") : schema);
	const { required = [] } = asJson as ObjectSchema;
	const content: Json = { [JSON_TYPE]: { schema: plain(asJson as TSchema), example: body?.example } };
	if (body?.alsoBytes) content[BYTES_TYPE] = { example: "ls -l\r" };
	if (body?.toml) content[TOML_TYPE] = { schema: { type: "string" }, example: body.toml };
	return { required: required.length > 0, content };
}

function successes(answers: readonly Answer[]): Json {
	const responses: Json = {};
	for (const { status = 200, description, content, headers } of answers) {
		const response: Json = { description };
		if (content) {
			response.content = Object.fromEntries(
				Object.entries(content).map(([type, { schema, example }]) => [
					type,
					{ ...(schema ? { schema: plain(schema) } : {}), example },
				]),
			);
		}
		if (headers) {
			response.headers = Object.fromEntries(
				Object.entries(headers).map(([name, text]) => [
					name,
					{ description: text, schema: { type: "string" } },
				]),
			);
		}
		responses[status] = response;
	}
	return responses;
}

/** What the operation names, and what the gateway may answer before it. */
function codesOf({ scope, unbound, errors }: OperationFacts): Set<ErrorCode> {
	const codes = new Set<ErrorCode>([...errors, "origin_refused", "internal"]);
	if (scope !== "public") codes.add("unauthorized");
	if ((scope !== "public" && scope !== "read") || unbound) codes.add("forbidden");
	return codes;
}

function failures(codes: Set<ErrorCode>): Json {
	const byStatus = new Map<number, ErrorCode[]>();
	for (const code of codes) {
		const { status } = errorKinds[code];
		byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
	}
	const responses: Json = {};
	for (const [status, list] of byStatus) {
		const examples = Object.fromEntries(
			list.map((code) => [code, { summary: errorKinds[code].title, value: problem(code) }]),
		);
		const schema = { $ref: `#/components/schemas/${componentName(ProblemDocument)}` };
		responses[status] = {
			description: list.map((code) => `\`${code}\`: ${errorKinds[code].title}`).join("; "),
			content: { "application/problem+json": { schema, examples } },
		};
	}
	return responses;
}

function problem(code: ErrorCode): Json {
	const { status, title } = errorKinds[code];
	return {
		type: `urn:berth:error:${code}`,
		title,
		status,
		detail: "What happened here, and what to do about it.",
		code,
	};
}
