import { expect, test } from "bun:test";
import { spinningLine } from "./spinner.ts";

const spins = (before: string, after: string): string | null =>
	spinningLine({ lines: before.split("\n"), title: "" }, { lines: after.split("\n"), title: "" });

test("a glyph that turns is a spinner, with a timer that counts beside it", () => {
	expect(spins("a\n ⠋ Thinking (9s)\n> ", "a\n ⠙ Thinking (10s)\n> ")).toBe("⠙ Thinking (10s)");
	expect(spins("✻ Pondering… (3s · 1.2k tokens)", "✽ Pondering… (4s · 1.3k tokens)")).not.toBeNull();
	expect(spins("[ | ] 12%", "[ / ] 13%")).toBe("[ / ] 13%");
	expect(spins("⠋ one\n3 s", "⠙ one\n4 s")).toBe("⠙ one");
});

test("nothing that changes is no spinner, nor is a clock, nor typing", () => {
	expect(spins("⠋ Thinking", "⠋ Thinking")).toBeNull();
	expect(spins("12:00:01", "12:00:02")).toBeNull();
	expect(spins("> hell", "> hello")).toBeNull();
	expect(spins("> 1", "> 12")).toBeNull();
	expect(spins("> a-", "> a/")).toBeNull();
	expect(spins("> ", "> *")).toBeNull();
});

test("a spinner beside something else that changed proves nothing", () => {
	expect(spins("⠋ Thinking\n> hell", "⠙ Thinking\n> hello")).toBeNull();
	expect(spins("⠋ Thinking", "⠙ Thinking\nmore")).toBeNull();
});
