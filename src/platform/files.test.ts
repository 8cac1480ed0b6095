import { afterAll, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePrivateDir, readJson, writeFileAtomic } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("folders and files are for their owner only, whatever they were before", () => {
	const dir = join(folder, "a/b");
	ensurePrivateDir(dir);
	chmodSync(dir, 0o755);
	ensurePrivateDir(dir);
	writeFileAtomic(join(dir, "f"), "x");
	expect([mode(dir), mode(join(dir, "f"))]).toEqual(["700", "600"]);
});

test("a link in a private folder's place is refused", () => {
	const link = join(folder, "link");
	symlinkSync(tmpdir(), link);
	expect(() => ensurePrivateDir(link)).toThrow("is not a folder");
});

test("a replaced file is whole, and a failed replacement leaves the old one and nothing else", () => {
	const dir = join(folder, "atomic");
	mkdirSync(join(dir, "taken"), { recursive: true });
	writeFileAtomic(join(dir, "f"), "one");
	writeFileAtomic(join(dir, "f"), "two");
	expect(readFileSync(join(dir, "f"), "utf8")).toBe("two");
	expect(() => writeFileAtomic(join(dir, "taken"), "x")).toThrow();
	expect(readdirSync(dir).sort()).toEqual(["f", "taken"]);
});

test("a missing JSON file is null and a broken one is an error", () => {
	expect(readJson(join(folder, "none"))).toBeNull();
	writeFileAtomic(join(folder, "broken"), "{");
	expect(() => readJson(join(folder, "broken"))).toThrow();
	expect(existsSync(join(folder, "none"))).toBe(false);
});
