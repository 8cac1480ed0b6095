/**
 * The store of images: one file for each, named by the SHA-256 of its content, so that a name is never anything but a content and no path
 * leads out of it. Written by the daemon and by the holders; the daemon removes what nothing refers to any more.
 */
import {
	closeSync,
	existsSync,
	fstatSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	rmSync,
	statSync,
	utimesSync,
} from "node:fs";
import { join } from "node:path";
import type { Image } from "../contract/conversation.ts";
import { BerthError } from "../contract/errors.ts";
import { IMAGE_LIMIT_BYTES } from "../contract/limits.ts";
import { ensurePrivateDir, writeFileAtomic } from "./files.ts";

type MediaType = Image["mediaType"];

const NAME = /^[0-9a-f]{64}$/;

/** Bytes that tell every kind that is taken: WebP's name ends at the twelfth. */
const MAGIC_BYTES = 12;

export class ImageStore {
	readonly #dir: string;

	constructor(dir: string) {
		this.#dir = dir;
	}

	/** Keeps an image; one that is there is kept anew. Throws `invalid_image`, or `too_large` beyond IMAGE_LIMIT_BYTES. */
	put(bytes: Uint8Array): Image {
		if (bytes.length > IMAGE_LIMIT_BYTES) {
			const detail = `an image may have ${IMAGE_LIMIT_BYTES} bytes; this one has ${bytes.length}`;
			throw new BerthError("too_large", detail, { limit: IMAGE_LIMIT_BYTES });
		}
		const mediaType = mediaTypeOf(bytes);
		if (mediaType === null) {
			throw new BerthError("invalid_image", "it is no PNG, JPEG, GIF or WebP by its first bytes");
		}
		// node:crypto would do the same and cost every holder 1.5 MB.
		const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
		const path = this.#path(sha256);
		if (existsSync(path)) {
			const now = new Date();
			utimesSync(path, now, now);
		} else {
			ensurePrivateDir(this.#dir);
			writeFileAtomic(path, bytes);
		}
		return { sha256, mediaType, bytes: bytes.length };
	}

	/** What is known of an image; `blob_not_found`. */
	facts(sha256: string): Image {
		const fd = this.#open(sha256);
		try {
			const head = Buffer.alloc(MAGIC_BYTES);
			readSync(fd, head, 0, MAGIC_BYTES, 0);
			const mediaType = mediaTypeOf(head);
			if (mediaType === null) throw notFound(sha256);
			return { sha256, mediaType, bytes: fstatSync(fd).size };
		} finally {
			closeSync(fd);
		}
	}

	/** Its content; `blob_not_found`. */
	read(sha256: string): Buffer<ArrayBuffer> {
		const fd = this.#open(sha256);
		try {
			return readFileSync(fd);
		} finally {
			closeSync(fd);
		}
	}

	/** Images that were last put in before `time` (Unix milliseconds). */
	olderThan(time: number): string[] {
		if (!existsSync(this.#dir)) return [];
		return readdirSync(this.#dir).filter(
			(name) => NAME.test(name) && statSync(join(this.#dir, name)).mtimeMs < time,
		);
	}

	remove(sha256: string): void {
		rmSync(this.#path(sha256), { force: true });
	}

	#open(sha256: string): number {
		try {
			return openSync(this.#path(sha256), "r");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
			throw notFound(sha256);
		}
	}

	#path(sha256: string): string {
		if (!NAME.test(sha256)) throw notFound(sha256);
		return join(this.#dir, sha256);
	}
}

function notFound(sha256: string): BerthError {
	return new BerthError("blob_not_found", `there is no image ${JSON.stringify(sha256)}`);
}

/** The media type by the first bytes (https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern); null for anything else. */
export function mediaTypeOf(bytes: Uint8Array): MediaType | null {
	const ascii = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
	if (ascii(0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
	if (ascii(0, 3) === "\xff\xd8\xff") return "image/jpeg";
	if (ascii(0, 6) === "GIF87a" || ascii(0, 6) === "GIF89a") return "image/gif";
	if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "image/webp";
	return null;
}
