import { expect, test } from "bun:test";
import { type Pace, Pacer } from "./pacer.ts";

/** A terminal that parses `bytesPerMs` and takes `drawingMs` for each frame, on a clock of its own. */
function terminal(bytesPerMs: number, drawingMs = 11) {
	let clock = 0;
	let frame: (() => void) | null = null;
	const written: number[] = [];
	const spent: number[] = [0];
	const pace: Pace & { speed: number } = {
		speed: bytesPerMs,
		write: (bytes, parsed) => {
			const took = (bytes?.length ?? 0) / pace.speed;
			clock += took;
			spent[spent.length - 1]! += took;
			if (bytes) written.push(...bytes);
			parsed();
		},
		now: () => clock,
		nextFrame: (callback) => {
			frame = callback;
			return () => {
				frame = null;
			};
		},
		hidden: () => false,
	};
	/** Runs frames until nothing waits. */
	const run = async (pacer: Pacer, limit = 10_000) => {
		await Promise.resolve();
		for (let frames = 0; pacer.pending > 0; frames++) {
			if (frames === limit || frame === null) throw new Error(`${pacer.pending} bytes wait`);
			spent.push(0);
			clock += drawingMs;
			frame();
			await Promise.resolve();
		}
	};
	return { pace, pacer: new Pacer(pace), written, spent, run };
}

const numbered = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

test("everything is parsed, in order, whatever its size", async () => {
	const { pacer, written, run } = terminal(3000);
	pacer.push(numbered(70_000));
	pacer.push(numbered(3));
	await run(pacer);
	expect(Buffer.from(written).equals(Buffer.concat([numbered(70_000), numbered(3)]))).toBe(true);
});

test("a frame is given no more than its time, once the output's cost is known", async () => {
	for (const speed of [100, 2000, 40_000]) {
		const { pacer, spent, run } = terminal(speed);
		pacer.push(numbered(speed * 500));
		await run(pacer);
		expect(Math.max(...spent.slice(2))).toBeLessThanOrEqual(10);
		expect(spent.length).toBeGreaterThan(40);
	}
});

test("output that suddenly costs a thousand times more takes one piece to be known", async () => {
	const { pace, pacer, spent, run } = terminal(30_000);
	pacer.push(numbered(3_000_000));
	await run(pacer);
	pace.speed = 100;
	const before = spent.length;
	pacer.push(numbered(100_000));
	await run(pacer);
	expect(Math.max(...spent.slice(before + 1))).toBeLessThanOrEqual(10);
});

test("a key's echo is parsed at once, and who waits is called between what comes before and after", async () => {
	const { pacer, written, run } = terminal(2000);
	const calls: number[] = [];
	pacer.push(numbered(5));
	expect(written).toHaveLength(5);
	pacer.push(numbered(100_000));
	pacer.after(() => calls.push(written.length));
	pacer.push(numbered(7));
	expect(calls).toEqual([]);
	await run(pacer);
	expect(calls).toEqual([100_005]);
});

test("what is dropped is not parsed; what is kept is, and whoever waits for his turn still gets it", async () => {
	const { pacer, written, run } = terminal(2000);
	const calls: string[] = [];
	pacer.push(numbered(30_000), { keep: true });
	pacer.push(numbered(100_000));
	pacer.after(() => calls.push("turn"));
	pacer.drop();
	pacer.push(numbered(10));
	await run(pacer);
	expect(written.length).toBe(30_010);
	expect(calls).toEqual(["turn"]);
	expect(pacer.pending).toBe(0);
});

test("where drawing is slow, less is parsed in a frame, and more again when it is not", async () => {
	for (const [drawingMs, most] of [
		[30, 2],
		[11, 6],
	] as const) {
		const { pacer, spent, run } = terminal(2000, drawingMs);
		pacer.push(numbered(1_000_000));
		await run(pacer);
		const settled = spent.slice(-20, -1);
		expect(Math.max(...settled)).toBeLessThanOrEqual(most);
		expect(Math.max(...settled)).toBeGreaterThan(most / 4);
	}
});
