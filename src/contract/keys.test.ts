import { describe, expect, test } from "bun:test";
import { BerthError } from "./errors.ts";
import { encodeKey, encodeKeys } from "./keys.ts";

const bytes = (key: string, application = false) => encodeKey(key, application);

describe("key names", () => {
	test.each([
		["C-c", "\x03"],
		["C-C", "\x03"],
		["C-\\", "\x1c"],
		["C-Space", "\0"],
		["C-@", "\0"],
		["C-[", "\x1b"],
		["C-/", "\x1f"],
		["C--", "\x1f"],
		["M-x", "\x1bx"],
		["M-X", "\x1bX"],
		["C-M-x", "\x1b\x18"],
		["M-C-x", "\x1b\x18"],
		["S-a", "A"],
		["Enter", "\r"],
		["enter", "\r"],
		["Tab", "\t"],
		["S-Tab", "\x1b[Z"],
		["BTab", "\x1b[Z"],
		["BSpace", "\x7f"],
		["C-BSpace", "\b"],
		["M-Enter", "\x1b\r"],
		["Escape", "\x1b"],
		["Space", " "],
		["Up", "\x1b[A"],
		["C-Left", "\x1b[1;5D"],
		["S-Up", "\x1b[1;2A"],
		["C-M-S-End", "\x1b[1;8F"],
		["Home", "\x1b[H"],
		["PageUp", "\x1b[5~"],
		["PgDn", "\x1b[6~"],
		["C-PageDown", "\x1b[6;5~"],
		["Delete", "\x1b[3~"],
		["DC", "\x1b[3~"],
		["Insert", "\x1b[2~"],
		["F1", "\x1bOP"],
		["S-F3", "\x1b[1;2R"],
		["F5", "\x1b[15~"],
		["F12", "\x1b[24~"],
		["M-F12", "\x1b[24;3~"],
		["a", "a"],
		["-", "-"],
		["C", "C"],
		["é", "é"],
		["👩‍👩‍👧", "👩‍👩‍👧"],
	])("%s is sent as xterm sends it", (key, expected) => {
		expect(bytes(key)).toBe(expected);
	});

	test("cursor keys follow the terminal's application mode, modified ones do not", () => {
		expect(bytes("Up", true)).toBe("\x1bOA");
		expect(bytes("End", true)).toBe("\x1bOF");
		expect(bytes("C-Up", true)).toBe("\x1b[1;5A");
		expect(bytes("F1", true)).toBe("\x1bOP");
	});

	test.each(["", "C-", "nope", "C-Nope", "C-é", "F13", "constructor", "ab", "M-", "\ud800"])(
		"%j is refused by name",
		(key) => {
			let thrown: unknown;
			try {
				encodeKeys(["a", key], false);
			} catch (error) {
				thrown = error;
			}
			expect(thrown).toBeInstanceOf(BerthError);
			expect((thrown as BerthError).code).toBe("invalid_key");
			expect((thrown as BerthError).info).toEqual({ key });
		},
	);

	test("keys are joined in their order", () => {
		expect(Buffer.from(encodeKeys(["l", "s", "Enter", "C-d"], false)).toString("latin1")).toBe("ls\r\x04");
	});
});
