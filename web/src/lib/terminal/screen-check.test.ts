import { afterEach, expect, jest, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import type { ScreenFacts } from "../../../../src/contract/io.ts";
import { ScreenCheck } from "./screen-check.ts";

afterEach(() => {
	jest.useRealTimers();
});

const SIZE = { cols: 10, rows: 3 };

/** A terminal that shows the text, as a page has it. */
async function terminal(text: string): Promise<Terminal> {
	const shown = new Terminal({ ...SIZE, allowProposedApi: true });
	await new Promise<void>((resolve) => shown.write(text, resolve));
	return shown;
}

/** The session's screen after the first 100 bytes of output. */
function screen(lines: string[], cursor: [number, number], more: Partial<ScreenFacts> = {}): ScreenFacts {
	const [x, y] = cursor;
	const facts = { cursor: { x, y, visible: true }, title: "", alternate: false, offset: 100 };
	return { ...SIZE, ...facts, lines, ...more };
}

/** What is compared, how often it was read, and how often it was painted anew. */
async function check(text: string, session: ScreenFacts | null, busy = () => false) {
	const counts = { read: 0, repainted: 0 };
	const shown = await terminal(text);
	jest.useFakeTimers();
	const checked = new ScreenCheck(shown, {
		read: async () => {
			counts.read++;
			return session;
		},
		busy,
		repaint: () => {
			counts.repainted++;
			// The picture comes at once, and changes nothing.
			checked.shown(100);
		},
	});
	checked.shown(100);
	return { checked, counts };
}

async function pass(milliseconds: number): Promise<void> {
	for (let passed = 0; passed < milliseconds; passed += 100) {
		jest.advanceTimersByTime(100);
		await Promise.resolve();
		await Promise.resolve();
	}
}

test("what shows the same is left alone, and asked about once", async () => {
	const { counts } = await check("one\r\n  two ", screen(["one", "  two", ""], [6, 1]));
	await pass(60_000);
	expect(counts).toEqual({ read: 1, repainted: 0 });
});

test("a cursor that waits behind the last column is the session's on the last column", async () => {
	const { counts } = await check("0123456789", screen(["0123456789", "", ""], [9, 0]));
	await pass(2000);
	expect(counts).toEqual({ read: 1, repainted: 0 });
});

test.each([
	["other text", screen(["onE", "", ""], [3, 0])],
	["another cursor", screen(["one", "", ""], [4, 0])],
	["another row", screen(["", "one", ""], [3, 1])],
])("%s is painted anew", async (_, session) => {
	const { counts } = await check("one", session);
	await pass(1100);
	expect(counts).toEqual({ read: 1, repainted: 1 });
});

test("what painting does not help is painted less and less often", async () => {
	const { counts } = await check("one", screen(["two", "", ""], [3, 0]));
	await pass(60 * 60_000);
	// After 2, 4, 8 ... 512 seconds, then every ten minutes.
	expect(counts.repainted).toBeGreaterThan(10);
	expect(counts.repainted).toBeLessThan(18);
});

test.each([
	["of other output", screen(["two", "", ""], [3, 0], { offset: 101 })],
	["of another size", screen(["two", "", ""], [3, 0], { cols: 11 })],
	["that cannot be had", null],
])("a screen %s says nothing", async (_, session) => {
	const { counts } = await check("one", session);
	await pass(60_000);
	expect(counts).toEqual({ read: 1, repainted: 0 });
});

test("nothing is painted anew under the eyes of somebody who reads back, and is when they are done", async () => {
	let reading = true;
	const { counts } = await check("one", screen(["two", "", ""], [3, 0]), () => reading);
	await pass(60_000);
	expect(counts).toEqual({ read: 0, repainted: 0 });
	reading = false;
	await pass(5000);
	expect(counts.repainted).toBeGreaterThan(0);
});

test("while output comes nobody is asked, and after the end neither", async () => {
	const { checked, counts } = await check("one", screen(["two", "", ""], [3, 0]));
	for (let second = 0; second < 20; second++) {
		await pass(900);
		checked.shown(100);
	}
	checked.stop();
	checked.resized();
	await pass(60_000);
	expect(counts).toEqual({ read: 0, repainted: 0 });
});
