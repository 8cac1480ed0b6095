import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { casesOf } from "./junit.ts";

const tests = `
	import { describe, expect, test } from "bun:test";
	describe("outer & first", () => {
		describe("inner", () => { test("fails", () => { expect("<one>").toBe("two"); }); });
		test.skip("is skipped", () => {});
		test("passes", () => {});
	});
	test("stands alone", () => {});
`;

test("every test that was run is told with its groups and whether it passed", () => {
	const folder = mkdtempSync(join(tmpdir(), "junit-"));
	try {
		writeFileSync(join(folder, "some.test.ts"), tests);
		const report = join(folder, "report.xml");
		const argv = [
			process.execPath,
			"test",
			"--reporter=junit",
			`--reporter-outfile=${report}`,
			"./some.test.ts",
		];
		Bun.spawnSync(argv, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
		const cases = casesOf(readFileSync(report, "utf8"));
		expect(cases.map(({ name, passed }) => [name, passed])).toEqual([
			["outer & first > inner > fails", false],
			["outer & first > passes", true],
			["stands alone", true],
		]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
