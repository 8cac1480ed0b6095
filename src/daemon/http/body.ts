/** Reading request bodies: JSON, or raw bytes where a route takes them; never form data or text, which any web page can send. */
import { BerthError } from "../../contract/errors.ts";
import { INPUT_LIMIT_BYTES } from "../../contract/limits.ts";

/** JSON may spell one byte of input in up to six (`\u001b`); twice the limit leaves room for ordinary text. */
export const BODY_LIMIT_BYTES = 2 * INPUT_LIMIT_BYTES;

export const JSON_TYPE = "application/json";
export const BYTES_TYPE = "application/octet-stream";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The media type without its parameters. */
export function mediaType(request: Request): string {
	return (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Refuses early what no route takes: a foreign content type, a body that says it is too long. */
export function checkBodyHeaders(request: Request): void {
	const type = mediaType(request);
	if (type !== "" && type !== JSON_TYPE && type !== BYTES_TYPE) {
		const detail = `the content type ${type} is not accepted; send ${JSON_TYPE} (or ${BYTES_TYPE} to …/input)`;
		throw new BerthError("unsupported_media_type", detail, { accepted: [JSON_TYPE, BYTES_TYPE] });
	}
	if (Number(request.headers.get("content-length") ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
}

/** The parsed JSON (of an empty body: an empty object), or the bytes of an octet stream where the route takes them. */
export async function readBody(request: Request, takesBytes: boolean): Promise<unknown> {
	const type = mediaType(request);
	const bytes = await boundedBytes(request);
	if (type === BYTES_TYPE && takesBytes) return bytes;
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

/** The whole body. One that announced its length was checked by it; one that did not is counted while it comes. */
async function boundedBytes(request: Request): Promise<Uint8Array> {
	if (request.headers.has("content-length") || request.body === null) {
		return new Uint8Array(await request.arrayBuffer());
	}
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of request.body) {
		size += chunk.length;
		if (size > BODY_LIMIT_BYTES) throw tooLarge();
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

function tooLarge(): BerthError {
	const detail = `a request may have ${BODY_LIMIT_BYTES} bytes, input ${INPUT_LIMIT_BYTES}; put more into a file`;
	return new BerthError("too_large", detail, { limit: BODY_LIMIT_BYTES });
}
