/** Every failure as an RFC 9457 problem document. */
import { ParseError, ValidationError } from "elysia";
import { BerthError } from "../../contract/errors.ts";

const PROBLEM_TYPE = "application/problem+json";

export function problemResponse(error: BerthError, headers: Record<string, string> = {}): Response {
	return new Response(`${JSON.stringify(error.toProblem())}\n`, {
		status: error.status,
		headers: { "content-type": PROBLEM_TYPE, ...challenge(error), ...headers },
	});
}

/** RFC 9110 §11.6.1: a 401 says how to do better. */
function challenge(error: BerthError): Record<string, string> {
	return error.status === 401 ? { "www-authenticate": 'Bearer realm="berth"' } : {};
}

/** What a route, a hook or Elysia itself threw, as one of our errors. */
export function asBerthError(thrown: unknown): BerthError {
	if (thrown instanceof ValidationError) return fromValidation(thrown);
	if (thrown instanceof ParseError) {
		if (thrown.cause instanceof BerthError) return thrown.cause;
		return new BerthError("bad_request", "the body cannot be read", { field: "body" }, thrown);
	}
	return BerthError.from(thrown);
}

function fromValidation(error: ValidationError): BerthError {
	const first = error.all[0] === undefined ? undefined : narrowed(error.all[0] as Finding);
	const path = first?.path ?? "";
	const field = path.slice(1).replaceAll("/", ".") || error.type;
	const where = error.type === "params" ? "path" : error.type;
	const why = first === undefined ? "is not valid" : reason(first);
	return new BerthError("bad_request", `${where}: ${field} ${why}; see /docs`, { field, in: where });
}

interface Finding {
	path?: string;
	message?: string | undefined;
	schema?: unknown;
	/** Of a union: what keeps the value from being each of its members. */
	errors?: Iterable<Finding>[];
}

/** Of a union of objects, what is wrong with the one that is meant: the one that least is wrong with. */
function narrowed(finding: Finding): Finding {
	const objects = (finding.schema as UnionSchema | undefined)?.anyOf?.every(({ type }) => type === "object");
	if (!objects || !finding.errors) return finding;
	const members = finding.errors.map((errors) => [...errors]);
	const [meant] = members.sort((one, other) => weight(one) - weight(other));
	return meant?.[0] ? narrowed(meant[0]) : finding;
}

/** A member that is told apart by its kind is not meant when the kind is another's, whatever else. */
function weight(errors: readonly Finding[]): number {
	return errors.length + (errors.some(({ path = "" }) => path.endsWith("/kind")) ? OTHER_KIND : 0);
}

/** More than the findings that a body can give rise to. */
const OTHER_KIND = 1_000_000;

interface UnionSchema {
	anyOf?: { const?: unknown; type?: string }[];
}

/** TypeBox's finding as a sentence's end; a union says what it would have taken. */
function reason(finding: Finding): string {
	const choices = (finding.schema as UnionSchema | undefined)?.anyOf;
	if (choices) {
		// Elysia takes a boolean of a query as text too; to the caller it is a boolean all the same.
		const shown = choices.some(({ type }) => type === "boolean")
			? choices.filter(({ type }) => type !== "string")
			: choices;
		const named = new Set(
			shown.map((choice) => ("const" in choice ? JSON.stringify(choice.const) : (choice.type ?? "another"))),
		);
		return `must be ${[...named].join(" or ")}`;
	}
	const message = finding.message ?? "Expected another value";
	if (message === "Unexpected property") return "is not known here";
	if (message === "Expected required property") return "is missing";
	return message.replace(/^Expected (?:\w+ to be )?/, "must be ");
}
