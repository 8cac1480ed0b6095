import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livingProcess, readProcess } from "../../../platform/processes/index.ts";
import { eventually } from "../testing.ts";
import { installedVersion } from "./detect.ts";

setDefaultTimeout(300_000);

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-detect-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(text: string): string {
	const file = join(folder, "program");
	writeFileSync(file, `#!/bin/sh\n${text}\n`);
	chmodSync(file, 0o700);
	return file;
}
const versionOf = (text: string) =>
	installedVersion(script(text), { PATH: process.env.PATH, FOLDER: folder });

/** Whether the process lives whose pid the script wrote down. */
function leftOver(): boolean {
	const pid = Number(readFileSync(join(folder, "left"), "utf8"));
	const process = readProcess(pid);
	return process !== null && livingProcess(process) !== null;
}

test("a version is the first line that says something, without colours", async () => {
	expect(await versionOf("echo; printf '\\033[1m1.2.3\\033[0m (Agent)\\r\\nmore\\n'")).toBe("1.2.3 (Agent)");
	expect(await versionOf('echo "given: $*"')).toBe("given: --version");
});

test("a program that fails, says nothing or complains elsewhere has none", async () => {
	expect(await versionOf("echo 1.2.3; exit 1")).toBeNull();
	expect(await versionOf("exit 0")).toBeNull();
	expect(await versionOf("echo oops >&2")).toBeNull();
});

test("one that talks without end, or leaves something behind, is ended with all of it", async () => {
	expect(await versionOf("yes & echo $! > $FOLDER/left; yes")).toBeNull();
	await eventually(() => !leftOver(), "what it left has ended");
	expect(await versionOf("sleep 600 > /dev/null & echo $! > $FOLDER/left; echo 3.1")).toBe("3.1");
	await eventually(() => !leftOver(), "what it left has ended");
});
