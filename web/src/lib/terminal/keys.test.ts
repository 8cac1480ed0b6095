import { expect, test } from "bun:test";
import { pageKey, withModifiers } from "./keys.ts";

const key = (code: string, modifiers: Partial<KeyboardEvent> = {}) =>
	pageKey({
		code,
		ctrlKey: false,
		shiftKey: false,
		altKey: false,
		metaKey: false,
		...modifiers,
	} as KeyboardEvent);

test("the page takes control with shift, and nothing that a program could be waiting for", () => {
	expect(key("KeyC", { ctrlKey: true, shiftKey: true })).toBe("copy");
	expect(key("KeyK", { metaKey: true })).toBe("palette");
	for (const code of ["KeyC", "KeyV", "KeyK", "KeyF", "ArrowUp", "Period"]) {
		expect(key(code)).toBeNull();
		expect(key(code, { ctrlKey: true })).toBeNull();
		expect(key(code, { altKey: true })).toBeNull();
		expect(key(code, { shiftKey: true })).toBeNull();
	}
});

test("the key bar's modifiers make the bytes that a keyboard would send", () => {
	const control = { control: true, alt: false };
	expect(withModifiers("c", control)).toBe("\x03");
	expect(withModifiers("[", control)).toBe("\x1b");
	expect(withModifiers(" ", control)).toBe("\0");
	expect(withModifiers("x", { control: false, alt: true })).toBe("\x1bx");
	expect(withModifiers("pasted text", control)).toBe("pasted text");
});
