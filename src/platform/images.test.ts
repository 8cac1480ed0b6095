import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IMAGE_LIMIT_BYTES } from "../contract/limits.ts";
import { ImageStore, mediaTypeOf } from "./images.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const png = bytesOf("\x89PNG\r\n\x1a\n and the rest");

function storeIn(): { images: ImageStore; dir: string } & Disposable {
	const home = mkdtempSync(join(tmpdir(), "berth-images-"));
	const dir = join(home, "images");
	return { images: new ImageStore(dir), dir, [Symbol.dispose]: () => rmSync(home, { recursive: true }) };
}

test("an image is kept once, by its content, for its owner alone", () => {
	using home = storeIn();
	const { images, dir } = home;
	const image = images.put(png);
	expect(images.put(png)).toEqual(image);
	expect(image).toEqual({
		sha256: new Bun.SHA256().update(png).digest("hex"),
		mediaType: "image/png",
		bytes: png.length,
	});
	expect(readdirSync(dir)).toEqual([image.sha256]);
	expect(statSync(join(dir, image.sha256)).mode & 0o777).toBe(0o600);
	expect(statSync(dir).mode & 0o777).toBe(0o700);
	expect(images.facts(image.sha256)).toEqual(image);
	expect(new Uint8Array(images.read(image.sha256))).toEqual(new Uint8Array(png));
});

test("the kind is told by the first bytes, whatever anybody says", () => {
	expect(mediaTypeOf(bytesOf("\xff\xd8\xff\xe0..JFIF"))).toBe("image/jpeg");
	expect(mediaTypeOf(bytesOf("GIF89a...."))).toBe("image/gif");
	expect(mediaTypeOf(bytesOf("RIFF\x00\x00\x00\x00WEBPVP8 "))).toBe("image/webp");
	for (const text of ["", "<svg/>", "<!doctype html>", "RIFF\x00\x00\x00\x00WAVE", "\x89PNG"])
		expect(mediaTypeOf(bytesOf(text))).toBeNull();
});

test("what is no image, or a large one, is refused and leaves nothing", () => {
	using home = storeIn();
	expect(() => home.images.put(bytesOf("<svg onload=alert(1)>"))).toThrow(/no PNG/);
	const large = new Uint8Array(IMAGE_LIMIT_BYTES + 1);
	large.set(png);
	expect(() => home.images.put(large)).toThrow(/may have/);
	expect(home.images.olderThan(Number.POSITIVE_INFINITY)).toEqual([]);
});

test("no name leads anywhere else", () => {
	using home = storeIn();
	home.images.put(png);
	for (const name of [
		"../images",
		"..%2f..",
		"/etc/passwd",
		"",
		"a".repeat(63),
		`${"a".repeat(63)}/`,
		`${"A".repeat(64)}`,
	]) {
		expect(() => home.images.read(name)).toThrow(/no image/);
		expect(() => home.images.facts(name)).toThrow(/no image/);
		expect(() => home.images.remove(name)).toThrow(/no image/);
	}
	expect(home.images.olderThan(Number.POSITIVE_INFINITY)).toHaveLength(1);
});

test("an image that is put in again is young again", () => {
	using home = storeIn();
	const { sha256 } = home.images.put(png);
	const past = new Date(1000);
	utimesSync(join(home.dir, sha256), past, past);
	expect(home.images.olderThan(2000)).toEqual([sha256]);
	home.images.put(png);
	expect(home.images.olderThan(2000)).toEqual([]);
});
