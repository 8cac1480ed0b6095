import { describe, expect, test } from "bun:test";
import { parseMark, unescapeValue } from "./marks.ts";
import { OscScanner, type OscSequence } from "./osc-scanner.ts";
import { ShellTracker } from "./tracker.ts";

const NONCE = "0123456789abcdef";
const bytes = (text: string) => Buffer.from(text);

/** A tracker with a journal of its own, a clock that stands still and a program that is always the same. */
function tracker(nonce: string | null = NONCE) {
	let journal = Buffer.alloc(0);
	const integration = nonce === null ? null : { shell: "bash" as const, dir: "/nowhere", nonce };
	const worker = {
		now: () => 1000,
		ticks: () => 1000,
		image: () => "image",
		read: (from: number, to: number) => ({ offset: from, bytes: journal.subarray(from, to) }),
	};
	const shell = new ShellTracker(integration, worker);
	const feed = (text: string | Uint8Array) => {
		const offset = journal.length;
		journal = Buffer.concat([journal, Buffer.from(text)]);
		shell.feed(Buffer.from(text), offset);
	};
	return { shell, feed };
}

const A = (seq: number) => `\x1b]133;A;berth=${NONCE}:${seq}\x07`;
const C = (seq: number) => `\x1b]133;C;berth=${NONCE}:${seq}\x07`;
const D = (status: number, seq: number) => `\x1b]133;D;${status};berth=${NONCE}:${seq}\x07`;
const B = "\x1b]133;B\x07";
const E = (line: string) => `\x1b]633;E;${line};${NONCE}\x07`;

describe("the scanner", () => {
	function scan(chunks: string[]): OscSequence[] {
		const found: OscSequence[] = [];
		const scanner = new OscScanner(["133;", "7;"], (sequence) => found.push(sequence));
		let offset = 0;
		for (const chunk of chunks) {
			scanner.push(bytes(chunk), offset);
			offset += bytes(chunk).length;
		}
		return found;
	}

	const text = "ab\x1b]133;A\x07\x1b[31mc\x1b]0;title\x07d\x1b]7;file:///x\x1b\\e\x1b]133;D;0\x07";

	test("finds the same however the bytes are cut", () => {
		const whole = scan([text]);
		expect(whole.map(({ payload }) => payload)).toEqual(["133;A", "7;file:///x", "133;D;0"]);
		expect(whole[0]).toMatchObject({ from: 2, to: 10 });
		for (let size = 1; size < text.length; size++) {
			const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
				text.substr(i * size, size),
			);
			expect(scan(chunks)).toEqual(whole);
		}
	});

	test("a sequence that another one breaks off is none", () => {
		expect(scan(["\x1b]133;A\x1b]133;B\x07", "\x1b]133;C\x18\x07"]).map(({ payload }) => payload)).toEqual([
			"133;B",
		]);
	});

	test("a sequence without an end is given up, and the next is found", () => {
		const found = scan([
			"\x1b]133;",
			...Array.from({ length: 100 }, () => "x".repeat(1000)),
			"\x1b]133;B\x07",
		]);
		expect(found.map(({ payload }) => payload)).toEqual(["133;B"]);
	});
});

describe("marks", () => {
	test("without the nonce only the prompt's end means something", () => {
		for (const payload of ["133;A", "133;C", "133;D;0", "133;A;berth=other:1", "633;E;rm;other", "633;D;0"]) {
			expect(parseMark(payload, NONCE)).toBeNull();
		}
		expect(parseMark("133;B", NONCE)).toEqual({ kind: "ready", shown: null });
	});

	test("no nonce is not the same as an empty one", () => {
		expect(parseMark("133;D;0;berth=:1", null)).toBeNull();
		expect(parseMark("633;E;x;", null)).toBeNull();
	});

	test("values are unescaped", () => {
		expect(unescapeValue("a\\x3bb\\\\x3b\\x0a\\")).toBe("a;b\\x3b\n\\");
	});

	test("a directory is read from OSC 7, percent-encoding undone where it is valid", () => {
		expect(parseMark("7;file://host/a%20b", null)).toMatchObject({ cwd: "/a b" });
		expect(parseMark("7;file:///100%", null)).toMatchObject({ cwd: "/100%" });
		expect(parseMark("7;nonsense", null)).toBeNull();
	});
});

describe("the tracker", () => {
	test("follows a command from prompt to prompt", () => {
		const { shell, feed } = tracker();
		expect([shell.phase, shell.prompt]).toEqual(["starting", "none"]);
		feed(`${A(1)}$ ${B}`);
		expect([shell.phase, shell.prompt]).toEqual(["ready", "prompt"]);
		feed(`ls\r\n${E("ls")}${C(1)}`);
		expect([shell.phase, shell.prompt]).toEqual(["running", "running"]);
		feed(`file\r\n${D(3, 1)}${A(2)}$ ${B}`);
		expect(shell.phase).toBe("ready");
		expect(shell.blocks).toHaveLength(1);
		expect(shell.blocks[0]).toMatchObject({ command: "ls", exitCode: 3 });
		expect(shell.blocks[0]!.endOffset - shell.blocks[0]!.startOffset).toBe("file\r\n".length);
		shell.close();
	});

	test("marks of earlier prompts, and ends of commands that have ended, are replays", () => {
		const { shell, feed } = tracker();
		feed(`${A(1)}${B}${C(1)}${D(0, 1)}${A(2)}${B}${C(2)}`);
		feed(`${A(1)}${B}${C(1)}${D(0, 1)}${A(2)}${B}${C(2)}`);
		expect(shell.phase).toBe("running");
		feed(`${D(7, 2)}${D(0, 2)}`);
		expect(shell.blocks.map(({ exitCode }) => exitCode)).toEqual([0, 7]);
		shell.close();
	});

	test("a directory that another machine tells is not the shell's", () => {
		const { shell, feed } = tracker();
		feed(`\x1b]633;P;Cwd=/home/me;${NONCE}\x07${A(1)}${B}${C(1)}\x1b]7;file://far/away\x07`);
		expect(shell.cwd).toBe("/home/me");
		shell.close();
	});

	test("a program without integration tells its directory by OSC 7 and nothing else", () => {
		const { shell, feed } = tracker(null);
		feed(`${A(1)}${B}${C(1)}\x1b]7;file:///srv\x07`);
		expect([shell.phase, shell.cwd]).toEqual(["starting", "/srv"]);
	});

	test("its memory of commands is bounded", () => {
		const { shell, feed } = tracker();
		for (let seq = 1; seq <= 1200; seq++) feed(`${A(seq)}${B}${E(`c${seq}`)}${C(seq)}${D(0, seq)}`);
		expect(shell.blocks).toHaveLength(1000);
		expect(shell.blocks[0]!.command).toBe("c201");
		for (let seq = 1201; seq <= 1500; seq++) feed(`${A(seq)}${B}${E("x".repeat(9000))}${C(seq)}${D(0, seq)}`);
		const kept = shell.blocks.reduce((sum, { command }) => sum + command.length, 0);
		expect(kept).toBeLessThanOrEqual(256 * 1024);
		shell.close();
	});

	test("a flood of text costs it next to nothing", () => {
		const { shell } = tracker();
		const chunk = bytes("\x1b[32mgreen\x1b[m and plain text of a program that floods\r\n".repeat(1200));
		const began = performance.now();
		for (let i = 0; i < 1000; i++) shell.feed(chunk, i * chunk.length);
		const megabytesPerSecond = (1000 * chunk.length) / 1e6 / ((performance.now() - began) / 1000);
		// A PTY gives 85 MB/s; measured here: thousands.
		expect(megabytesPerSecond).toBeGreaterThan(500);
	});
});
