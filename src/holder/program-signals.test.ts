import { expect, test } from "bun:test";
import { type ProgramSignal, ProgramSignals, parseSignal } from "./program-signals.ts";

test("progress is read with its state and percentage", () => {
	const read = (text: string) => {
		const signal = parseSignal(`9;4;${text}`);
		return signal?.kind === "progress" ? `${signal.state} ${signal.value}` : signal;
	};
	expect(["0", "0;50", "1;0", "1;40", "2;80", "3", "3;", "4;250", "2"].map(read)).toEqual(
		["none null", "none null", "normal 0", "normal 40", "error 80"].concat([
			"indeterminate null",
			"indeterminate null",
			"warning 100",
			"error null",
		]),
	);
	expect(["5;1", "1;x", "1;-4", ""].map(read)).toEqual([null, null, null, null]);
});

test("a notification is its text, cut short and without control characters; ConEmu's commands are none", () => {
	expect(parseSignal("9;Build done")).toEqual({ kind: "notification", title: "", body: "Build done" });
	expect(parseSignal("777;notify;Tests;3 failed; 4 passed")).toEqual({
		kind: "notification",
		title: "Tests",
		body: "3 failed; 4 passed",
	});
	expect(parseSignal(`9;${"x".repeat(5000)}\t\x85y`)).toMatchObject({ body: "x".repeat(500) });
	expect(["9;", "9; ", "9;9;/tmp", "9;12", "9;2;hello", "777;notify;;"].map(parseSignal)).toEqual(
		Array(6).fill(null),
	);
	expect(parseSignal("9;13 tests passed")).toMatchObject({ body: "13 tests passed" });
});

test("signals are found however the output is cut, and other sequences are none", () => {
	const output = Buffer.from(
		"text\x1b]0;9;title\x07\x1b]9;4;1;7\x1b\\more\x1b]777;notify;A;b\x07\x1b]777;other;A\x07\x1b]9;hé\x07\x1b]99;i=1;no\x07",
	);
	for (let size = 1; size <= output.length; size++) {
		const found: ProgramSignal[] = [];
		const signals = new ProgramSignals((signal) => found.push(signal));
		for (let at = 0; at < output.length; at += size) signals.feed(output.subarray(at, at + size), at);
		expect(found).toEqual([
			{ kind: "progress", state: "normal", value: 7 },
			{ kind: "notification", title: "A", body: "b" },
			{ kind: "notification", title: "", body: "hé" },
		]);
	}
});
