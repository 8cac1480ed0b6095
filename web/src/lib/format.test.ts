import { expect, test } from "bun:test";
import { ago, bytes, commandText, duration, endedWell, exitText, shortPath } from "./format.ts";

test("ages and durations have one or two units", () => {
	expect([0, 12_000, 61_000, 7_300_000, 200_000_000].map(ago)).toEqual(["now", "12s", "1m", "2h", "2d"]);
	expect([340, 1234, 42_000, 252_000, 7_500_000].map(duration)).toEqual([
		"340 ms",
		"1.2 s",
		"42 s",
		"4 min 12 s",
		"2 h 5 min",
	]);
	expect([12, 3400, 5_600_000].map(bytes)).toEqual(["12 B", "3.4 kB", "5.6 MB"]);
});

test("only the home folder itself becomes ~", () => {
	expect(shortPath("/home/me/x", "/home/me")).toBe("~/x");
	expect(shortPath("/home/me", "/home/me")).toBe("~");
	expect(shortPath("/home/mean", "/home/me")).toBe("/home/mean");
	expect(shortPath("/x", null)).toBe("/x");
});

test("an exit says how, and why when it was not by itself", () => {
	expect(exitText({ code: 3, signal: null, reason: "exited" })).toBe("exit 3");
	expect(exitText({ code: null, signal: "SEGV", reason: "exited" })).toBe("SIGSEGV");
	expect(exitText({ code: null, signal: "HUP", reason: "closed" })).toBe("closed · SIGHUP");
	expect(exitText({ code: null, signal: null, reason: "lost" })).toBe("lost");
	expect(endedWell({ code: 1, signal: null, reason: "exited" })).toBe(false);
	expect(endedWell({ code: null, signal: "KILL", reason: "killed" })).toBe(true);
});

test("a command is shown with quotes where a word needs them", () => {
	expect(commandText(["bash", "-c", "it's $x"])).toBe("bash -c 'it'\\''s $x'");
});
