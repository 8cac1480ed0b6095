import { expect, test } from "bun:test";
import { SNAPSHOT_RESET } from "../../../../src/contract/snapshot.ts";
import { held } from "./hold.ts";

const parts = (body: string) =>
	held(Buffer.from(`${SNAPSHOT_RESET}${body}`, "utf8")).map((part) => Buffer.from(part).toString());

test("a picture is held back between the reset and its end, byte for byte", () => {
	for (const body of [
		"",
		"text",
		"caf\u00e9 \u{1f6a2}",
		"\x1b[1mbold\x1b[0m",
		"\x1b]2;title\x1b\\",
		"\x1b]2;title\x07",
		"\x1b(B",
		"a\x1b7",
	]) {
		expect(parts(body)).toEqual([SNAPSHOT_RESET, "\x1b[?2026h", body, "\x1b[?2026l"]);
	}
});

test("nothing is put into a sequence or a character that was cut", () => {
	for (const body of ["\x1b", "\x1b[", "\x1b[12;", "\x1b]2;ti", "\x1bPq12", "\x1b]2;x\x1b", "\x1b("]) {
		expect(parts(body)).toEqual([`${SNAPSHOT_RESET}${body}`]);
	}
	const cut = Buffer.concat([Buffer.from(SNAPSHOT_RESET), Buffer.from("\u{1f6a2}").subarray(0, 3)]);
	expect(held(cut)).toEqual([cut]);
});

test("a program that holds its own output back is left alone", () => {
	for (const body of ["\x1b[?2026h", "\x1b[?25;2026;1h"]) expect(parts(body)).toHaveLength(1);
	expect(parts("\x1b[?12026h")).toHaveLength(4);
});
