/** Bodies of requests to the session's port: of a declared type, bounded, and JSON where JSON is wanted. */
import { BerthError } from "../../contract/errors.ts";
import { INPUT_LIMIT_BYTES } from "../../contract/limits.ts";

/** JSON may write a byte as `\u001b`: six for one. */
export const BODY_LIMIT_BYTES = 6 * INPUT_LIMIT_BYTES + 1024;

function mediaType(headers: Headers): string {
	return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

async function bytesOf(request: Request): Promise<Uint8Array> {
	const tooLarge = () => new BerthError("too_large", `a body may have at most ${BODY_LIMIT_BYTES} bytes`);
	if (Number(request.headers.get("content-length") ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
	const bytes = await request.bytes();
	if (bytes.length > BODY_LIMIT_BYTES) throw tooLarge();
	return bytes;
}

/**
 * The JSON of a body. Only `application/json` is taken: a page elsewhere can send `text/plain` or a form without asking us first
 * (a "simple request" of the Fetch standard), but not this.
 */
export async function jsonBody(request: Request): Promise<unknown> {
	const type = mediaType(request.headers);
	if (type !== "application/json") {
		throw new BerthError(
			"unsupported_media_type",
			`send JSON with \`Content-Type: application/json\`, not ${type || "none"}`,
		);
	}
	const bytes = await bytesOf(request);
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (error) {
		throw new BerthError("bad_request", "the body is not valid JSON", undefined, error);
	}
}

/** Raw bytes, when the body says that it is just that; null when it says something else. */
export async function rawBody(request: Request): Promise<Uint8Array | null> {
	return mediaType(request.headers) === "application/octet-stream" ? bytesOf(request) : null;
}
