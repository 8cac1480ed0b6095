import { expect, test } from "bun:test";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { openJournal } from "./reader.ts";
import { recording } from "./recording.ts";
import { bytesOnDisk, castEvents, joined, names, TestClock, testFolders, text } from "./testing.ts";
import { JournalWriter } from "./writer.ts";

const freshDir = testFolders();

type Step =
	| { do: "append"; bytes: Uint8Array }
	| { do: "resize"; cols: number; rows: number }
	| { do: "pass"; ms: number }
	| { do: "reopen" }
	| { do: "crash"; output: number; index: number; garbage: boolean };

const pieces = fc.oneof(
	fc.uint8Array({ minLength: 1, maxLength: 300, size: "max" }),
	// Characters of one to four bytes, so that cuts fall inside of them.
	fc
		.string({ unit: "binary", minLength: 1, maxLength: 100 })
		.map((characters) => new TextEncoder().encode(characters)),
);
const size = fc.integer({ min: 2, max: 1000 });
const steps: fc.Arbitrary<Step[]> = fc.array(
	fc.oneof(
		{ weight: 8, arbitrary: pieces.map((bytes): Step => ({ do: "append", bytes })) },
		{
			weight: 2,
			arbitrary: fc.tuple(size, size).map(([cols, rows]): Step => ({ do: "resize", cols, rows })),
		},
		{ weight: 2, arbitrary: fc.integer({ min: -100, max: 5000 }).map((ms): Step => ({ do: "pass", ms })) },
		{ weight: 1, arbitrary: fc.constant<Step>({ do: "reopen" }) },
		{
			weight: 1,
			arbitrary: fc
				.record({
					output: fc.double({ min: 0, max: 1, noNaN: true }),
					index: fc.double({ min: 0, max: 1, noNaN: true }),
				})
				.chain((cut) => fc.boolean().map((garbage): Step => ({ do: "crash", ...cut, garbage }))),
		},
	),
	{ maxLength: 60, size: "max" },
);

/** Cuts the last files where a crash of the machine may have left them; answers the output's new end. */
function crash(dir: string, output: number, index: number, garbage: boolean): number {
	const log = join(dir, names(dir, ".log").at(-1)!);
	const idx = join(dir, names(dir, ".idx").at(-1)!);
	const kept = Math.floor(statSync(log).size * output);
	truncateSync(log, kept);
	truncateSync(idx, Math.floor(statSync(idx).size * index));
	if (garbage) writeFileSync(idx, Buffer.concat([readFileSync(idx), Buffer.from("\0\0\xff12 \n3 4 5x\n")]));
	return Number(names(dir, ".log").at(-1)!.slice(0, 16)) + kept;
}

/** Generous: a busy machine is not a failure. */
const LIMIT_MS = 60_000;

test(
	"whatever is written, resized, trimmed, torn and continued: what is kept is exact, and its offsets are true",
	() => {
		fc.assert(
			fc.property(
				steps,
				fc.integer({ min: 200, max: 4000 }),
				fc.nat(),
				fc.nat(),
				(script, limitBytes, a, b) => {
					const dir = freshDir();
					const clock = new TestClock();
					const current = { cols: 80, rows: 24 };
					const open = () => JournalWriter.create(dir, { limitBytes, ...current, now: clock.now });
					let writer = open();
					// The model: every byte of the generation, trimmed or not.
					let model: Uint8Array = new Uint8Array(0);
					for (const step of script) {
						if (step.do === "append") {
							writer.append(step.bytes);
							model = Buffer.concat([model, step.bytes]);
						} else if (step.do === "resize") {
							current.cols = step.cols;
							current.rows = step.rows;
							writer.resize(step.cols, step.rows);
						} else if (step.do === "pass") {
							clock.pass(step.ms);
						} else {
							writer.close();
							if (step.do === "crash")
								model = model.subarray(0, crash(dir, step.output, step.index, step.garbage));
							writer = open();
						}
						expect(writer.offset).toBe(model.length);
						expect(writer.fault).toBeNull();
					}

					const journal = openJournal(dir);
					const { startOffset: start, endOffset: end } = journal;
					expect([start, end]).toEqual([writer.startOffset, model.length]);
					const whole = journal.read(0, Number.POSITIVE_INFINITY);
					expect(whole.offset).toBe(start);
					expect(Buffer.compare(whole.bytes, model.subarray(start))).toBe(0);

					let at = start;
					for (const chunk of journal.chunks(0)) {
						expect(chunk.offset).toBe(at);
						at += chunk.bytes.length;
					}
					expect(at).toBe(end);

					const from = a % (end + 10);
					const to = from + (b % (end + 10));
					const range = journal.read(from, to);
					const begin = Math.min(Math.max(from, start), end);
					expect(range.offset).toBe(begin);
					expect(Buffer.compare(range.bytes, model.subarray(begin, Math.max(begin, to)))).toBe(0);
					expect(Buffer.compare(joined(journal.chunks(from, to)), range.bytes)).toBe(0);

					for (const version of [2, 3] as const) {
						const events = castEvents(recording(dir, { version }));
						const output = events.filter(([, code]) => code === "o").map(([, , data]) => data);
						expect(output.join("")).toBe(text(model.subarray(start)));
						expect(output).not.toContain("");
						for (const [time] of events) expect(time).toBeGreaterThanOrEqual(0);
					}
					writer.close();
				},
			),
			{ numRuns: 150 },
		);
	},
	LIMIT_MS,
);

test(
	"the journal never takes more than its limit, however the output comes",
	() => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.boolean()), { maxLength: 80, size: "max" }),
				fc.integer({ min: 4096, max: 20_000 }),
				(appends, limitBytes) => {
					const dir = freshDir();
					const clock = new TestClock();
					const writer = JournalWriter.create(dir, { limitBytes, cols: 80, rows: 24, now: clock.now });
					for (const [bytes, resized] of appends) {
						clock.pass(60);
						writer.append(new Uint8Array(bytes).fill(0x61));
						if (resized) writer.resize(80 + (bytes % 50), 24);
						// A segment's last index lines may come after its last byte.
						expect(bytesOnDisk(dir)).toBeLessThanOrEqual(limitBytes + 100);
					}
					const kept = writer.offset - writer.startOffset;
					expect(kept).toBeGreaterThanOrEqual(Math.min(writer.offset, limitBytes / 2 - 200));
					writer.close();
				},
			),
			{ numRuns: 40 },
		);
	},
	LIMIT_MS,
);
