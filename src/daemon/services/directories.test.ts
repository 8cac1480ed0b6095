import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completeDirectory } from "./directories.ts";

const home = mkdtempSync(join(tmpdir(), "berth-complete-"));
for (const name of ["Projects", "proto", ".config"]) mkdirSync(join(home, name));
writeFileSync(join(home, "profile"), "");
symlinkSync(join(home, "proto"), join(home, "prlink"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const names = async (typed: string) =>
	(await completeDirectory(typed, home)).directories.map((path) => path.slice(home.length + 1));

test("a path completes to directories, whatever their case; files and hidden ones stay out", async () => {
	expect(await names("~/pr")).toEqual(["prlink", "Projects", "proto"]);
	expect(await names("~/")).toEqual(["prlink", "Projects", "proto"]);
	expect(await names(`${home}/.c`)).toEqual([".config"]);
});

test("a path that leads nowhere yet completes to nothing", async () => {
	expect(await names("~/nothing/here")).toEqual([]);
	expect(await names("~/profile/x")).toEqual([]);
});

test("a relative path is refused", () => {
	expect(completeDirectory("projects", home)).rejects.toThrow("must be absolute");
});
