import { expect, test } from "bun:test";
import { checkName, newId, reservedNames } from "./names.ts";

test("names that a person would choose are accepted", () => {
	for (const name of ["api", "web-2", "Büro", "日本", "a", "v1.2_rc"]) expect(checkName(name)).toBe(name);
});

test("names that could be mistaken for a port, an id, an option or a path are refused with the rule", () => {
	for (const name of [
		"",
		"8080",
		"-x",
		".",
		"..",
		"a/b",
		"a b",
		"s_abc",
		"w_1",
		"x".repeat(65),
		"a\nb",
		"a%2f",
	]) {
		expect(() => checkName(name)).toThrow();
	}
});

test("reserved words are refused in every case", () => {
	for (const word of reservedNames) {
		expect(() => checkName(word)).toThrow("reserved");
		expect(() => checkName(word.toUpperCase())).toThrow("reserved");
	}
});

test("ids have the noun's prefix and use every random bit they take", () => {
	expect(newId("s", (bytes) => bytes.fill(0))).toBe("s_0000000000");
	expect(newId("w", (bytes) => bytes.fill(255))).toBe("w_zzzzzzzzzz");
	expect(newId("t")).toMatch(/^t_[0-9a-z]{10}$/);
});
