import { expect, test } from "bun:test";
import { OutputTracker } from "../../terminal/output-tracker.ts";
import { leaveSequence } from "./restore.ts";

const after = (output: string) => {
	const tracker = new OutputTracker();
	tracker.push(Buffer.from(output));
	return tracker.marks;
};

test("leaving undoes only what was done where undoing does harm", () => {
	const plain = leaveSequence(after("text"), 80);
	expect(plain).not.toContain("\x1b[?1049l");
	expect(plain).not.toContain("\x1b[3g");
	expect(plain).toContain("\x1b[<1u");
	const busy = leaveSequence(after("\x1b[>1u\x1b[3g\x1b[?6h\x1b[?1049h\x1b[>3u"), 80);
	expect(busy).toContain("\x1b[<1u\x1b[=0;1u\x1b[?1049l");
	expect(busy).toContain("\x1b[<2u");
	expect(busy).toContain("\x1b[3g");
});

test("leaving switches off what a program may have left on", () => {
	const sequence = leaveSequence(after(""), 80);
	for (const mode of [9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 1]) {
		expect(sequence).toMatch(new RegExp(`\\x1b\\[\\?[0-9;]*\\b${mode}\\b[0-9;]*l`));
	}
	for (const mode of [7, 25]) expect(sequence).toMatch(new RegExp(`\\x1b\\[\\?[0-9;]*\\b${mode}\\b[0-9;]*h`));
	for (const each of [
		"\x1b[?2027r",
		"\x1b[0m",
		"\x1b[r",
		"\x1b(B",
		"\x1b[0 q",
		"\x1b>",
		"\x1b[>4;0m",
		"\x1b[23;2t",
	]) {
		expect(sequence).toContain(each);
	}
});
