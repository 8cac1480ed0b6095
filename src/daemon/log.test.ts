import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile } from "./log.ts";

test("the log is private, one line per fact, and never larger than its bound", () => {
	const folder = mkdtempSync(join(tmpdir(), "berth-log-"));
	try {
		const path = join(folder, "daemon.log");
		const log = new LogFile(path, () => 0, 2000);
		log.write("error", "two\nlines", { name: "a\nb" });
		expect(readFileSync(path, "utf8")).toBe('1970-01-01T00:00:00.000Z error two | lines {"name":"a\\nb"}\n');
		for (let n = 0; n < 500; n++) log.write("info", `line ${n}`);
		log.close();
		expect(readdirSync(folder).sort()).toEqual(["daemon.log", "daemon.log.1"]);
		for (const name of readdirSync(folder)) {
			const { size, mode } = statSync(join(folder, name));
			expect(size).toBeLessThanOrEqual(2000);
			expect(mode & 0o777).toBe(0o600);
		}
		expect(readFileSync(path, "utf8")).toEndWith("line 499\n");
	} finally {
		rmSync(folder, { recursive: true });
	}
});
