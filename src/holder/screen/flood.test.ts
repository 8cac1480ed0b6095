/** A flood that is parsed later leaves the very screen that parsing it at once leaves, on both engines. */
import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Screen, ScreenEngine, ScreenOptions } from "./engine.ts";
import { FloodedScreen } from "./flood.ts";
import { ghosttyEngine } from "./ghostty.ts";
import { xtermEngine } from "./xterm.ts";

const ghostty = ghosttyEngine("/nonexistent");
if (!ghostty) throw new Error("no libghostty-vt for this system: both engines are needed");
const engines: ScreenEngine[] = [ghostty, xtermEngine];

/** Bytes gathered at most: so few that a flood fills the buffer many times. */
const BACKLOG_BYTES = 2 * 1024 * 1024;

/** Milliseconds: some hundred megabytes are parsed twice, one screen after the other. */
const MINUTES_ON_A_BUSY_MACHINE = 5 * 60_000;

const open: Screen[] = [];
afterEach(() => {
	for (const screen of open.splice(0)) screen.close();
});

interface Pair {
	deferred: FloodedScreen;
	direct: Screen;
	/** Bytes that the engine behind `deferred` was given. */
	parsed(): number;
	replies: string[];
	write(text: string | Uint8Array): void;
	/** Both show the same rows, and nothing else is looked at. */
	glance(): void;
	/** Both show and keep the same, whatever is looked at. */
	same(): void;
}

function pair(engine: ScreenEngine, options: Partial<ScreenOptions> = {}): Pair {
	const replies: string[] = [];
	const common = {
		cols: 40,
		rows: 6,
		scrollbackLines: 50,
		onTitle: () => {},
		onBell: () => {},
		onReply: () => {},
		...options,
	};
	const inner = engine.open({ ...common, onReply: (bytes) => replies.push(Buffer.from(bytes).toString()) });
	let parsed = 0;
	const write = inner.write.bind(inner);
	inner.write = (bytes) => {
		parsed += bytes.length;
		write(bytes);
	};
	// The clock stands still: all that comes is one flood.
	const deferred = new FloodedScreen(inner, () => 0, BACKLOG_BYTES);
	const direct = engine.open(common);
	open.push(deferred, direct);
	return {
		deferred,
		direct,
		replies,
		parsed: () => parsed,
		write(text) {
			const bytes = Buffer.from(text);
			// Cut anywhere, as a PTY does.
			for (let at = 0, size = 4093; at < bytes.length; at += size, size = (size * 7) % 65_521 || 1) {
				deferred.write(bytes.subarray(at, at + size));
				direct.write(bytes.subarray(at, at + size));
			}
		},
		glance() {
			expect(deferred.lines()).toEqual(direct.lines());
		},
		same() {
			expect(Buffer.from(deferred.snapshot()).toString()).toBe(Buffer.from(direct.snapshot()).toString());
			expect(deferred.lastLines(1e6)).toEqual(direct.lastLines(1e6));
			expect(deferred.state()).toEqual(direct.state());
		},
	};
}

function lines(count: number, line: (i: number) => string): string {
	return Array.from({ length: count }, (_, i) => `${line(i)}\r\n`).join("");
}

const plain = (i: number) => `line ${i} ${"x".repeat((i * 13) % 90)}`;
const coloured = (i: number) =>
	`\x1b[1;3${i % 8}m${i}\x1b[0m \x1b[38;5;${i % 256}mname\x1b[39m \x1b[4${i % 8}m${i}\x1b[K`;

for (const engine of engines) {
	// Large enough that most is left out, which `parsed` proves.
	const flood = engine.name === "ghostty" ? 120_000 : 60_000;
	describe(engine.name, () => {
		test("plain text: most is never parsed, and screen and scrollback are the same", () => {
			const both = pair(engine);
			const text = lines(flood, plain);
			both.write(text);
			both.same();
			expect(both.parsed()).toBeLessThan(text.length * 0.3);
		});

		test("coloured text that never resets its pen keeps the pen", () => {
			const both = pair(engine);
			both.write(`\x1b[3m${lines(20_000, plain)}\x1b[4;38;2;1;2;3m${lines(flood, plain)}`);
			both.same();
			both.write("what comes after");
			both.same();
		});

		test("coloured text, erased line ends, a pen left open and an unfinished line", () => {
			const both = pair(engine);
			both.write(`${lines(flood, coloured)}\x1b[7mnot finished \x1b[3`);
			both.same();
			both.write("1mred");
			both.same();
		});

		test("text without carriage returns stays where it was", () => {
			const both = pair(engine);
			both.write("a\nb\nc\n".repeat(flood));
			both.same();
		});

		test("wide characters, broken UTF-8 and lines that wrap", () => {
			const both = pair(engine);
			const broken = Buffer.from([0xff, 0xe4, 0xb8, 0x0d, 0x0a, 0xf0, 0x9f, 0x41, 0x0d, 0x0a]);
			for (let i = 0; i < 12; i++) {
				both.write(lines(flood / 12, (n) => `${n} 終端 \u00e9\u00a0 ${"終".repeat(n % 45)}`));
				both.write(broken);
			}
			both.same();
		});

		test("a scroll region, the alternate screen and a saved cursor in the middle of it", () => {
			const both = pair(engine);
			both.write(`${lines(flood, plain)}\x1b[2;4r${lines(flood / 4, plain)}\x1b[r\x1b7`);
			both.same();
			both.write(`\x1b[?1049h${lines(flood / 4, plain)}\x1b[?1049l\x1b8${lines(flood / 4, coloured)}`);
			both.same();
		});

		test("a sequence that the flood interrupts swallows what it swallows", () => {
			const both = pair(engine);
			both.write(lines(flood / 2, plain));
			both.write(`\x1b]2;a title ${lines(flood / 4, plain)}\x07${lines(flood / 4, plain)}`);
			both.same();
		});

		test("a query in a flood is answered where it stands", () => {
			const both = pair(engine);
			both.write(`${lines(flood, plain)}ab\x1b[6n`);
			expect(both.replies).toEqual(["\x1b[6;3R"]);
			both.write(`${lines(flood, plain)}\x1b[6n`);
			expect(both.replies.at(-1)).toBe("\x1b[6;1R");
			both.same();
		});

		test("a terminal that is resized after a flood reflows the same lines", () => {
			const both = pair(engine);
			both.write(lines(flood, plain));
			for (const cols of [80, 13, 40]) {
				both.deferred.resize(cols, 6);
				both.direct.resize(cols, 6);
				both.same();
				both.write(lines(flood / 4, coloured));
				both.same();
			}
		});

		test("rows that are looked at again and again are right, and hardly anything is parsed for it", () => {
			const cases = [
				{ line: plain, half: "half a li", rest: "ne" },
				{ line: (i: number) => `\x1b[0m${coloured(i)}`, half: "half a \x1b[", rest: "1mline" },
			];
			for (const { line, half, rest } of cases) {
				const both = pair(engine);
				const text = lines(flood / 8, line);
				both.write(`\x1b[31m${lines(flood, line)}`);
				both.same();
				both.write(text);
				const before = both.parsed();
				for (let i = 0; i < 8; i++) {
					both.write(`${text}${half}`);
					both.glance();
					both.write(rest);
					both.glance();
				}
				expect(both.parsed() - before).toBeLessThan(text.length / 8);
				both.same();
			}
		});

		test(
			"whatever comes in whatever order",
			() => {
				// By name, so that a counterexample can be read.
				const pieces: Record<string, string> = {
					"plain flood": lines(30_000, plain),
					"coloured flood": lines(20_000, coloured),
					red: "\x1b[31m",
					"no colour": "\x1b[m",
					"half a line": "half a line",
					"scroll region": "\x1b[2;5r",
					"no scroll region": "\x1b[r",
					"alternate screen": "\x1b[?1049h",
					"main screen": "\x1b[?1049l",
					"cursor moves": "\x1b[10;10H",
					// Closed again: of a link that is left open over thousands of cells the library keeps what its pages have room for.
					link: "\x1b]8;;http://a.b/\x1b\\here\x1b]8;;\x1b\\",
					"insert mode": "\x1b[4h",
					"replace mode": "\x1b[4l",
					"shift out": "\x0e",
					"shift in": "\x0f",
					"next line": "\u0085",
					tabs: "\t\t",
					"controls that do nothing": String.fromCharCode(
						0,
						1,
						2,
						3,
						4,
						5,
						6,
						0x10,
						0x11,
						0x13,
						0x18,
						0x1a,
						0x1c,
						0x1f,
						0x7f,
					),
					"controls that feed lines": "vertical\x0bform\x0c",
					"reverse wrap": "\x1b[?45h\x1b[?1045h",
					backspaces: "\r\b\b",
					"half a sequence": "\x1b[",
					"half a character": "\xc2",
					"long lines": lines(9, (i) => `${i}${"long ".repeat(900)}`),
				};
				const names = fc.constantFrom(...Object.keys(pieces));
				fc.assert(
					fc.property(fc.array(fc.tuple(names, fc.boolean()), { minLength: 2, maxLength: 8 }), (chosen) => {
						const both = pair(engine);
						for (const [name, looked] of chosen) {
							both.write(pieces[name]!);
							if (looked) both.glance();
						}
						both.same();
						for (const screen of open.splice(0)) screen.close();
					}),
					{ numRuns: 25 },
				);
			},
			MINUTES_ON_A_BUSY_MACHINE,
		);
	});
}

test("a flood that nobody looks at is parsed after a moment by itself", async () => {
	const both = pair(ghostty);
	const text = lines(30_000, plain);
	both.write(text);
	const before = both.parsed();
	while (both.parsed() === before) await Bun.sleep(5);
	both.same();
});

test("a flood that was looked at, and goes on for a while, is parsed by itself as well", async () => {
	const both = pair(ghostty);
	both.write(lines(30_000, plain));
	both.same();
	// The buffer's memory would be given back about now if nothing had come.
	for (let i = 0; i < 48; i++) {
		both.write(lines(100, plain));
		await Bun.sleep(20);
	}
	const before = both.parsed();
	while (both.parsed() === before) await Bun.sleep(5);
	both.same();
});

test("what is typed and what trickles is parsed as it comes", () => {
	const both = pair(ghostty);
	const text = lines(1000, plain);
	both.write(text);
	expect(both.parsed()).toBe(text.length);
});
