import { describe, expect, test } from "bun:test";
import { parseEnv, parseSize, readEscapes } from "./assignments.ts";
import { nearest } from "./nearest.ts";
import { tildePath } from "./paths.ts";
import { formatSpan, parseDuration } from "./time.ts";

describe("durations", () => {
	test("are read as people write them", () => {
		expect(["10s", "500ms", "2m", "1h", "1m30s", "1.5h", "3", "0", "1d"].map(parseDuration)).toEqual([
			10_000, 500, 120_000, 3_600_000, 90_000, 5_400_000, 3000, 0, 86_400_000,
		]);
	});
	test("that are none are refused, not guessed", () => {
		expect(["", "s", "10x", "-1s", "1 s", "ten", "1s2"].map(parseDuration)).toEqual(Array(7).fill(null));
	});
	test("are shown by their two greatest units", () => {
		expect([0, 59_999, 60_000, 3_600_000, 12_000_000, 90_000_000].map(formatSpan)).toEqual([
			"0s",
			"59s",
			"1m",
			"1h",
			"3h 20m",
			"1d 1h",
		]);
	});
});

test("the nearest known word is offered, and a wild guess is not", () => {
	const known = ["attach", "restart", "screen", "ls"];
	expect(["atach", "restrat", "sreen", "xyz", "sl"].map((word) => nearest(word, known))).toEqual([
		"attach",
		"restart",
		"screen",
		null,
		"ls",
	]);
});

test("a path below the home folder is shown with a tilde, its namesake's is not", () => {
	expect(["/home/me", "/home/me/x", "/home/menno/x"].map((path) => tildePath(path, "/home/me"))).toEqual([
		"~",
		"~/x",
		"/home/menno/x",
	]);
});

test("--env takes values with equals signs, and a bare name's from the caller", () => {
	expect(parseEnv(["A=1=2", "B=", "C", "D"], { C: "c" }, "new")).toEqual({ A: "1=2", B: "", C: "c" });
	expect(() => parseEnv(["1A=x"], {}, "new")).toThrow("KEY=VALUE");
});

test("--size takes columns and rows", () => {
	expect(parseSize("120x40", "new")).toEqual({ cols: 120, rows: 40 });
	expect(() => parseSize("120", "new")).toThrow("COLSxROWS");
});

test("escapes in --input become their characters, other backslashes stay", () => {
	expect(readEscapes("a\\n\\t\\e\\\\n\\x")).toBe("a\n\t\x1b\\n\\x");
});
