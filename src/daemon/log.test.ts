import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
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

test("lines that the disk refuses end nothing, and are counted in the next one that it takes", () => {
	const folder = mkdtempSync(join(tmpdir(), "berth-log-"));
	try {
		const path = join(folder, "daemon.log");
		const log = new LogFile(path, () => 0, 60);
		log.write("info", "one line of the thirty-odd bytes");
		// The next one does not fit any more, and what stands in the way of the rotation is nothing that can be replaced.
		mkdirSync(join(`${path}.1`, "in the way"), { recursive: true });
		for (let n = 0; n < 3; n++) log.write("info", `refused ${n}`);
		rmSync(`${path}.1`, { recursive: true });
		log.write("info", "taken");
		log.close();
		expect(readFileSync(path, "utf8")).toBe(
			"1970-01-01T00:00:00.000Z warn 3 lines before this one could not be written\n1970-01-01T00:00:00.000Z info taken\n",
		);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
