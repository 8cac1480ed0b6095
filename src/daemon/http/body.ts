/** Reading request bodies: JSON, or raw bytes where a route takes them; never form data or text, which any web page can send. */
import { BerthError } from "../../contract/errors.ts";
import { IMAGE_LIMIT_BYTES, INPUT_LIMIT_BYTES } from "../../contract/limits.ts";
import type { OperationFacts } from "./operation.ts";

/** JSON may spell one byte of input in up to six (`\u001b`); twice the limit leaves room for ordinary text. */
export const BODY_LIMIT_BYTES = 2 * INPUT_LIMIT_BYTES;

export const JSON_TYPE = "application/json";
export const BYTES_TYPE = "application/octet-stream";
export const TOML_TYPE = "application/toml";
/** What a browser says of an image's bytes; what they are is told by them. */
export const IMAGE_TYPES: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The media type without its parameters. */
export function mediaType(request: Request): string {
	return (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Refuses early what no route takes: a foreign content type, a body that says it is too long. */
export function checkBodyHeaders(request: Request): void {
	const type = mediaType(request);
	if (!["", JSON_TYPE, TOML_TYPE, BYTES_TYPE, ...IMAGE_TYPES].includes(type)) {
		const detail = `the content type ${type} is not accepted; send ${JSON_TYPE} (or ${BYTES_TYPE} to …/input)`;
		throw new BerthError("unsupported_media_type", detail, { accepted: [JSON_TYPE, BYTES_TYPE] });
	}
	checkLength(request, Math.max(BODY_LIMIT_BYTES, IMAGE_LIMIT_BYTES));
}

/** The parsed JSON (of an empty body: an empty object), or the bytes or the text of a TOML document where the route takes them. */
export async function readBody(request: Request, facts: OperationFacts["body"]): Promise<unknown> {
	const type = mediaType(request);
	const limit = facts?.image ? IMAGE_LIMIT_BYTES : BODY_LIMIT_BYTES;
	checkLength(request, limit);
	const bytes = await boundedBytes(request, limit);
	if (facts?.image) {
		if (type === BYTES_TYPE || IMAGE_TYPES.includes(type)) return bytes;
		const accepted = [BYTES_TYPE, ...IMAGE_TYPES];
		const detail = `send the image's bytes as ${BYTES_TYPE} or as what it is`;
		throw new BerthError("unsupported_media_type", detail, { accepted });
	}
	if (type === BYTES_TYPE && facts?.alsoBytes) return bytes;
	if (type === TOML_TYPE && facts?.toml !== undefined) return utf8.decode(bytes);
	if (bytes.length === 0) return {};
	if (type !== JSON_TYPE) {
		throw new BerthError("unsupported_media_type", `say what the body is: Content-Type: ${JSON_TYPE}`);
	}
	try {
		return JSON.parse(utf8.decode(bytes));
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new BerthError("bad_request", `the body is not valid JSON: ${why}`, { field: "body" }, error);
	}
}

function checkLength(request: Request, limit: number): void {
	if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
}

/** The whole body. One that announced its length was checked by it; one that did not is counted while it comes. */
async function boundedBytes(request: Request, limit: number): Promise<Uint8Array> {
	if (request.headers.has("content-length") || request.body === null) {
		return new Uint8Array(await request.arrayBuffer());
	}
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of request.body) {
		size += chunk.length;
		if (size > limit) throw tooLarge(limit);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function tooLarge(limit: number): BerthError {
	const detail = `a request may have ${limit} bytes here, input ${INPUT_LIMIT_BYTES}; put more into a file`;
	return new BerthError("too_large", detail, { limit });
}
