import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Troubles } from "./troubles.ts";

const tests = `
	import { expect, test } from "bun:test";
	let attempts = 0;
	test("passes", () => {});
	test("passes in the end", () => { if (++attempts === 1) throw new Error("its first cause"); });
	test("passes as well", () => {});
	test("fails", () => { throw new Error("cause " + ++attempts); });
`;

test("every attempt that failed is told with its cause, also of a test that passed in the end, and nothing of the others", () => {
	const folder = mkdtempSync(join(tmpdir(), "troubles-"));
	try {
		writeFileSync(join(folder, "some.test.ts"), tests);
		const argv = [process.execPath, "test", "--retry=1", "./some.test.ts"];
		const { stderr } = Bun.spawnSync(argv, { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
		const troubles = new Troubles();
		for (const line of stderr.toString().split("\n")) troubles.line(line);
		expect(troubles.found).toHaveLength(2);
		const [second, failed] = troubles.found;
		expect(second).toStartWith("some.test.ts:\n");
		expect(second).toContain("error: its first cause");
		expect(second).toContain("(pass) passes in the end (attempt 2)");
		expect(second).not.toContain("(pass) passes\n");
		expect(failed).toContain("error: cause 3");
		expect(failed).toContain("error: cause 4");
		expect(failed).toContain("(fail) fails (attempt 2)");
	} finally {
		rmSync(folder, { recursive: true });
	}
});
