import { describe, expect, test } from "bun:test";
import { DetachKeys, describeKeys, parseDetachKeys } from "./detach-keys.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const fed = (keys: string, ...chunks: string[]) => {
	const watch = new DetachKeys(parseDetachKeys(keys));
	let input = "";
	for (const chunk of chunks) {
		const result = watch.push(bytes(chunk));
		input += Buffer.from(result.input).toString("latin1");
		if (result.detach) return `${input}|detached`;
	}
	return input;
};

describe("detach keys", () => {
	test("are read in docker's notation", () => {
		expect(describeKeys(parseDetachKeys("ctrl-\\"))).toBe("Ctrl-\\");
		expect(describeKeys(parseDetachKeys("ctrl-p,ctrl-q,d"))).toBe("Ctrl-P Ctrl-Q d");
		expect(describeKeys(parseDetachKeys("ctrl-@,ctrl-[,ctrl-_"))).toBe("Ctrl-@ Ctrl-[ Ctrl-_");
		for (const wrong of ["", "ctrl-", "ctrl-pp", "ctrl-1", "alt-x", "a,"]) {
			expect(() => parseDetachKeys(wrong)).toThrow("are no detach keys");
		}
	});

	test("leave at once, and what was typed before them still arrives", () => {
		expect(fed("ctrl-\\", "ab\x1ccd")).toBe("ab|detached");
	});

	test("are known in the keyboard encodings that a program may have switched on", () => {
		for (const form of [
			"\x1b[92;5u",
			"\x1b[92;5:1u",
			"\x1b[92;69u",
			"\x1b[92;197:2u",
			"\x1b[92:124;5u",
			"\x1b[92::35;5;28u",
			"\x1b[27;5;92~",
		]) {
			expect(fed("ctrl-\\", `x${form}`)).toBe("x|detached");
		}
	});

	test("are not seen in other keys, releases or pastes", () => {
		for (const form of [
			"\x1b[92;5:3u",
			"\x1b[92;1u",
			"\x1b[92;7u",
			"\x1b[93;5u",
			"\x1b[A",
			"\x1b[200~a\x1cb\x1b[201~",
			"\x1b\\",
			"\xc3\xa9",
		]) {
			expect(fed("ctrl-\\", form)).toBe(form);
		}
	});

	test("work after a paste, and a paste in many pieces stays whole", () => {
		expect(fed("ctrl-\\", "\x1b[200~a\x1c", "b\x1b[20", "1~c\x1c")).toBe(
			"\x1b[200~a\x1cb\x1b[201~c|detached",
		);
	});

	test("of several keys hold their beginning back until it is clear", () => {
		expect(fed("ctrl-p,ctrl-q", "\x10", "\x11")).toBe("|detached");
		expect(fed("ctrl-p,ctrl-q", "\x10x\x11")).toBe("\x10x\x11");
		expect(fed("a,a,b", "aaab")).toBe("a|detached");
		expect(fed("ctrl-p,ctrl-q", "\x1b[112;5u", "\x1b[112;5:3u\x1b[57442;5u", "\x1b[113;5u")).toBe(
			"|detached",
		);
	});

	test("cut by a read are put together, and an unfinished sequence can be let go", () => {
		expect(fed("ctrl-\\", "\x1b[9", "2;5u")).toBe("|detached");
		const watch = new DetachKeys(parseDetachKeys("ctrl-\\"));
		expect(watch.push(bytes("x\x1b[")).input.length).toBe(1);
		expect(watch.unfinished).toBe(true);
		expect(Buffer.from(watch.flush()).toString()).toBe("\x1b[");
	});

	test("a lone Escape is passed on at once", () => {
		expect(fed("ctrl-\\", "\x1b")).toBe("\x1b");
	});

	test("every byte passes unchanged that is not part of them", () => {
		const all = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1c);
		const { input } = new DetachKeys(parseDetachKeys("ctrl-\\")).push(all);
		expect(Buffer.from(input).equals(Buffer.from(all))).toBe(true);
	});
});
