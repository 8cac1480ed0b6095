import { afterEach, beforeEach, expect, test } from "bun:test";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bunPtyLibrary, contentHash, ghosttyLibrary, unpack } from "./native.ts";
import type { EmbeddedLibrary } from "./native-assets.ts";
import { nativeFiles, nativeTargets } from "./native-files.ts";

let dir: string;
let library: EmbeddedLibrary;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "berth-native-"));
	const files = ["main.so", "shim.so"].map((name, index) => {
		const source = join(dir, `source-${name}`);
		writeFileSync(source, Buffer.alloc(300_000, `${index}content`));
		return { name, source, bytes: 300_000, hash: contentHash(source) };
	});
	library = { digest: "0123456789abcdef", files };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const cache = () => join(dir, "cache");
const folder = () => join(cache(), "native", library.digest);
const expectIntact = () => {
	for (const file of library.files) {
		expect(readFileSync(join(folder(), file.name)).equals(readFileSync(file.source))).toBe(true);
	}
	expect(readdirSync(folder()).sort()).toEqual(["main.so", "shim.so"]);
};

test("libraries are unpacked side by side into a folder that only the owner can enter", () => {
	expect(unpack(cache(), library)).toEqual([join(folder(), "main.so"), join(folder(), "shim.so")]);
	expectIntact();
	expect(statSync(folder()).mode & 0o777).toBe(0o700);
	expect(statSync(join(cache(), "native")).mode & 0o777).toBe(0o700);
	expect(statSync(join(folder(), "main.so")).mode & 0o077).toBe(0);
});

test("intact files are left as they are", () => {
	const [main] = unpack(cache(), library);
	const before = statSync(main!);
	unpack(cache(), library);
	expect(statSync(main!).ino).toBe(before.ino);
	expect(statSync(main!).mtimeMs).toBe(before.mtimeMs);
});

test("a truncated, an altered and a missing file and a folder in a file's place are replaced or refused", () => {
	const [main, shim] = unpack(cache(), library);
	truncateSync(main!, 1000);
	unpack(cache(), library);
	expectIntact();
	const altered = readFileSync(main!);
	altered[150_000]! ^= 1;
	writeFileSync(main!, altered);
	rmSync(shim!);
	unpack(cache(), library);
	expectIntact();
	rmSync(main!);
	mkdirSync(main!);
	expect(() => unpack(cache(), library)).toThrow();
});

test("a cache folder that others could enter is closed to them", () => {
	mkdirSync(folder(), { recursive: true, mode: 0o755 });
	chmodSync(folder(), 0o755);
	unpack(cache(), library);
	expect(statSync(folder()).mode & 0o777).toBe(0o700);
});

test("ten processes that unpack at the same moment all find whole files", async () => {
	const script = join(dir, "unpack.ts");
	writeFileSync(
		script,
		`import { unpack, contentHash } from ${JSON.stringify(resolve(import.meta.dir, "native.ts"))};
		const library = ${JSON.stringify(library)};
		await Bun.stdin.text();
		const paths = unpack(${JSON.stringify(cache())}, library);
		process.exit(paths.every((path, i) => contentHash(path) === library.files[i].hash) ? 0 : 1);`,
	);
	const processes = Array.from({ length: 10 }, () =>
		Bun.spawn([process.execPath, script], { stdin: "pipe", stderr: "inherit" }),
	);
	for (const each of processes) each.stdin.end();
	expect(await Promise.all(processes.map((each) => each.exited))).toEqual(Array(10).fill(0));
	expectIntact();
});

test("every target names files that are installed", () => {
	for (const target of nativeTargets) {
		const { ghostty, bunPty } = nativeFiles(target);
		for (const file of [...(ghostty ?? []), bunPty]) {
			expect(statSync(resolve(import.meta.dir, "../../node_modules", file.from)).size).toBeGreaterThan(1000);
		}
	}
});

test("a checkout uses the installed libraries in place", () => {
	const ghostty = ghosttyLibrary(cache());
	expect(ghostty?.main).toContain("node_modules/libghostty-vt/prebuilds/");
	expect(ghostty?.shim).toContain("libghostty-vt-shim.");
	expect(bunPtyLibrary(cache())).toContain("node_modules/bun-pty/");
});
