import { describe, expect, test } from "bun:test";
import { ReplyFilter, ReplyLog, replyKind, replyKinds } from "./replies.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const text = (kept: Uint8Array) => Buffer.from(kept).toString("latin1");

/** A filter that is owed these answers since time 0. */
function owing(...kinds: string[]): ReplyFilter {
	const filter = new ReplyFilter();
	filter.owe(kinds, 0);
	return filter;
}

describe("an answer is recognised", () => {
	test.each([
		["\x1b[?62;22c", "da?"],
		["\x1b[>1;10;0c", "da>"],
		["\x1b[5;10R", "cpr"],
		["\x1b[?5;10;1R", "decxcpr"],
		["\x1b[0n", "dsr"],
		["\x1b[?997;1n", "dsr?997"],
		["\x1b[?2004;1$y", "decrpm"],
		["\x1b[4;2$y", "decrpm"],
		["\x1b[?1u", "kitty"],
		["\x1b[8;24;80t", "window8"],
		["\x1b]10;rgb:ffff/ffff/ffff\x1b\\", "osc10"],
		["\x1b]11;rgb:0000/0000/0000\x07", "osc11"],
		["\x1b]4;7;rgb:c0/c0/c0\x1b\\", "osc4;7"],
		["\x1bP>|xterm(388)\x1b\\", "xtversion"],
		["\x1bP!|00000000\x1b\\", "da3"],
		["\x1bP1$r0m\x1b\\", "decrqss"],
		["\x1bP1+r544e=787465726d\x1b\\", "xtgettcap"],
		["\x1b_Gi=31;OK\x1b\\", "apc"],
	])("%j is %s", (sequence, kind) => {
		expect(replyKind(sequence)).toBe(kind);
		expect(replyKinds(bytes(`${sequence}${sequence}`))).toEqual([kind, kind]);
	});

	test.each([
		"\x1b[A",
		"\x1b[1;5D",
		"\x1b[3~",
		"\x1b[200~",
		"\x1b[<0;10;20M",
		"\x1b[I",
		"\x1b[97;5u",
		"\x1b[Z",
		"\x1b[1;2P",
	])("a key, a mouse report, a paste bracket is none: %j", (sequence) => {
		expect(replyKind(sequence)).toBeNull();
	});
});

describe("queries that the holder answered", () => {
	test("cost each writer exactly one answer of the kind", () => {
		const filter = owing("da?", "cpr");
		expect(text(filter.filter(bytes("a\x1b[?62cb\x1b[3;7Rc"), 10, 0, true))).toBe("abc");
		expect(text(filter.filter(bytes("\x1b[?62c"), 20, 0, true))).toBe("\x1b[?62c");
	});

	test("are answered by nobody else when the answer is cut anywhere", () => {
		const answer = "\x1b]11;rgb:0000/0000/0000\x1b\\";
		for (let cut = 1; cut < answer.length; cut++) {
			const filter = owing("osc11");
			expect(text(filter.filter(bytes(`x${answer.slice(0, cut)}`), 1, 0, true))).toBe("x");
			expect(filter.holding).toBe(true);
			expect(text(filter.filter(bytes(`${answer.slice(cut)}y`), 2, 0, true))).toBe("y");
			expect(filter.holding).toBe(false);
		}
	});

	test("never swallow a key that looks like no answer, nor hold it back for good", () => {
		const filter = owing("da?");
		expect(text(filter.filter(bytes("\x1b[A\x1bx"), 1, 0, true))).toBe("\x1b[A\x1bx");
		expect(text(filter.filter(bytes("\x1b"), 1, 0, true))).toBe("");
		expect(text(filter.flush())).toBe("\x1b");
		expect(filter.holding).toBe(false);
	});

	test("time out: a late Shift-F3 is a key, a late device report is still an answer", () => {
		const filter = owing("cpr", "da?");
		expect(text(filter.filter(bytes("\x1b[1;2R"), 2001, 0, true))).toBe("\x1b[1;2R");
		expect(text(filter.filter(bytes("\x1b[?62c"), 30_000, 0, true))).toBe("");
	});

	test("count from when the client had read so far", () => {
		const filter = owing("cpr");
		expect(text(filter.filter(bytes("\x1b[1;2R"), 10_000, 9000, true))).toBe("");
	});
});

describe("queries that the holder did not answer", () => {
	test("are answered by the lead client alone", () => {
		const answer = "\x1bP1+r544e=78\x1b\\";
		expect(text(new ReplyFilter().filter(bytes(answer), 0, 0, true))).toBe(answer);
		expect(text(new ReplyFilter().filter(bytes(`k${answer}`), 0, 0, false))).toBe("k");
	});

	test("do not cost a second client its Shift-F3", () => {
		expect(text(new ReplyFilter().filter(bytes("\x1b[1;2R"), 0, 0, false))).toBe("\x1b[1;2R");
	});
});

test("input without an escape passes untouched, whatever is owed", () => {
	const input = bytes("plain \xff\x00 bytes");
	expect(owing("da?").filter(input, 0, 0, true)).toBe(input);
});

test("what a client can make the holder keep is bounded", () => {
	const filter = owing("osc11");
	const hostile = `\x1b]11;${"x".repeat(1_000_000)}`;
	expect(text(filter.filter(bytes(hostile), 0, 0, true))).toBe(hostile);
});

test("a client that resumes owes the answers to the queries it is shown again, and no others", () => {
	const log = new ReplyLog();
	log.add(100, ["da?"]);
	log.add(200, ["cpr", "dsr"]);
	expect(log.between(0, 99)).toEqual([]);
	expect(log.between(100, 200)).toEqual(["cpr", "dsr"]);
	expect(log.between(50, 150)).toEqual(["da?"]);
});
