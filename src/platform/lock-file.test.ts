import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFile } from "./lock-file.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "berth-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a locked file is refused to a second taker until it is released", () => {
	const path = join(dir, "lock");
	const first = lockFile(path);
	expect(first).not.toBeNull();
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(lockFile(path)).toBeNull();
	first?.release();
	first?.release();
	const second = lockFile(path);
	expect(second).not.toBeNull();
	second?.release();
});

test("a refused lock keeps no descriptor open", () => {
	const path = join(dir, "lock");
	const lock = lockFile(path);
	const descriptors = () => readdirSync("/dev/fd").length;
	const before = descriptors();
	for (let i = 0; i < 50; i++) expect(lockFile(path)).toBeNull();
	expect(descriptors()).toBe(before);
	lock?.release();
});

test("a lock dies with its owner's kill -9, also while a child of the owner lives on", async () => {
	const path = join(dir, "lock");
	const file = join(dir, "owner.ts");
	const source = `
		import { lockFile } from ${JSON.stringify(join(import.meta.dir, "lock-file.ts"))};
		const lock = lockFile(${JSON.stringify(path)});
		const child = Bun.spawn(["sleep", "60"], { stdio: ["ignore", "ignore", "ignore"] });
		console.log(lock ? child.pid : "refused");
		await new Promise(() => {});
	`;
	writeFileSync(file, source);
	const owner = Bun.spawn([process.execPath, file], { stdio: ["ignore", "pipe", "inherit"] });
	const { value } = await owner.stdout.getReader().read();
	const childPid = Number(Buffer.from(value!).toString());
	try {
		expect(childPid).toBeGreaterThan(0);
		expect(lockFile(path)).toBeNull();
		owner.kill("SIGKILL");
		await owner.exited;
		process.kill(childPid, 0);
		const lock = lockFile(path);
		expect(lock).not.toBeNull();
		lock?.release();
	} finally {
		owner.kill("SIGKILL");
		process.kill(childPid, "SIGKILL");
	}
});
