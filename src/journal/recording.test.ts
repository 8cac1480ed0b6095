import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeExitRecord } from "./exit-record.ts";
import { recording } from "./recording.ts";
import {
	castEvents,
	exitRecord,
	names,
	startJournal,
	TestClock,
	testFolders,
	text,
	utf8,
} from "./testing.ts";

const freshDir = testFolders();

/** A small session: a byte order mark, colours, a wide character cut in two by time, bytes that are not UTF-8, two resizes, exit 3. */
function session() {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now, cols: 100, rows: 30 });
	const pieces = [
		utf8('\ufeff\x1b[1;31mHello\x1b[0m \u2028 "quoted" \\ \u0000\r\n'),
		utf8("日本").subarray(0, 4),
		utf8("日本").subarray(4),
		new Uint8Array([0xff, 0xfe, 0x80, 0x0a, 0xef, 0xbb, 0xbf]),
		utf8("👩‍👩‍👧 done\r\n"),
	];
	for (const piece of pieces) {
		writer.append(piece);
		writer.stamp();
		clock.pass(250);
	}
	writer.resize(120, 40);
	clock.pass(1000);
	writer.append(utf8("wide\r\n"));
	writer.stamp();
	writer.resize(60, 20);
	writer.close();
	writeExitRecord(dir, exitRecord(writer.offset, { code: 3, at: clock.at + 500 }));
	return { dir, clock, output: text(Buffer.concat([...pieces, utf8("wide\r\n")])) };
}

function cast(dir: string, version: 2 | 3): string {
	const env = { SHELL: "/bin/bash", TERM: "xterm-256color", AWS_SECRET: "not for sharing" };
	return [...recording(dir, { version, title: "a title", command: "bash -l", env })].join("");
}

test("version 3 has intervals, resizes and the exit status", () => {
	const { dir } = session();
	const lines = cast(dir, 3).trimEnd().split("\n");
	expect(JSON.parse(lines[0]!)).toEqual({
		version: 3,
		term: { cols: 100, rows: 30, type: "xterm-256color" },
		timestamp: 1_700_000_000,
		command: "bash -l",
		title: "a title",
		env: { SHELL: "/bin/bash" },
	});
	expect(lines.slice(1).map((line) => JSON.parse(line))).toEqual([
		[0, "o", '\ufeff\x1b[1;31mHello\x1b[0m \u2028 "quoted" \\ \u0000\r\n'],
		[0.25, "o", "日"],
		[0.25, "o", "本"],
		[0.25, "o", "\ufffd\ufffd\ufffd\n\ufeff"],
		[0.25, "o", "👩‍👩‍👧 done\r\n"],
		[0.25, "r", "120x40"],
		[1, "o", "wide\r\n"],
		[0, "r", "60x20"],
		[0.5, "x", "3"],
	]);
});

test("version 2 has absolute times and nothing that its readers do not know", () => {
	const { dir } = session();
	const lines = cast(dir, 2).trimEnd().split("\n");
	expect(JSON.parse(lines[0]!)).toEqual({
		version: 2,
		width: 100,
		height: 30,
		timestamp: 1_700_000_000,
		command: "bash -l",
		title: "a title",
		env: { SHELL: "/bin/bash", TERM: "xterm-256color" },
	});
	const events = castEvents(lines);
	expect(events.map(([time, code]) => [time, code])).toEqual([
		[0, "o"],
		[0.25, "o"],
		[0.5, "o"],
		[0.75, "o"],
		[1, "o"],
		[1.25, "r"],
		[2.25, "o"],
		[2.25, "r"],
	]);
});

test("a signal is the status that a shell reports; a status that nobody knows is not made up", () => {
	const dir = freshDir();
	startJournal(dir).close();
	writeExitRecord(dir, exitRecord(0, { code: null, signal: "KILL", reason: "killed" }));
	expect(castEvents(recording(dir, { version: 3 }))).toEqual([[60, "x", "137"]]);
	writeExitRecord(dir, exitRecord(0, { code: null, signal: null, reason: "lost" }));
	expect(castEvents(recording(dir, { version: 3 }))).toEqual([]);
});

test("a trimmed journal's recording starts at its honest start, with the size and the time of that moment", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now, limitBytes: 2000, segmentBytes: 500 });
	for (let i = 0; i < 100; i++) {
		clock.pass(1000);
		writer.resize(80 + i, 24);
		writer.append(utf8(`${i} ${"x".repeat(40)}\r\n`));
	}
	writer.close();
	const lines = [...recording(dir, { version: 3 })];
	const header = JSON.parse(lines[0]!);
	const events = castEvents(lines);
	const first = Number.parseInt(events.find(([, code]) => code === "o")![2], 10);
	expect(first).toBeGreaterThan(50);
	expect(header.term.cols).toBe(80 + first);
	expect(header.timestamp).toBe((clock.at - (99 - first) * 1000) / 1000);
	expect(events.filter(([, code]) => code === "r").map(([, , size]) => size)).toEqual(
		Array.from({ length: 99 - first }, (_, i) => `${81 + first + i}x24`),
	);
	const length = events.reduce((sum, [interval]) => sum + interval, 0);
	expect(length).toBeCloseTo(99 - first, 3);
});

test("a character is never joined across a gap", () => {
	const dir = freshDir();
	const writer = startJournal(dir, { segmentBytes: 4 });
	for (const piece of [
		new Uint8Array([0x61, 0x62, 0x63, 0xe2]),
		utf8("gone"),
		new Uint8Array([0x82, 0xac]),
	]) {
		writer.append(piece);
	}
	writer.close();
	rmSync(join(dir, names(dir, ".log")[1]!));
	const output = castEvents(recording(dir, { version: 2 })).map(([, , data]) => data);
	expect(output.join("")).toBe("abc\ufffd\ufffd\ufffd");
});

test("a long recording is made in bounded memory, piece by piece", () => {
	const dir = freshDir();
	const clock = new TestClock();
	const writer = startJournal(dir, { now: clock.now });
	const chunk = utf8("0123456789abcdé\n".repeat(4096)).subarray(1);
	for (let i = 0; i < 300; i++) {
		writer.append(chunk);
		clock.pass(10);
	}
	writer.close();
	let longest = 0;
	let bytes = 0;
	for (const line of recording(dir, { version: 3 })) {
		longest = Math.max(longest, line.length);
		if (line.startsWith("[")) bytes += Buffer.byteLength(JSON.parse(line)[2]);
	}
	expect(bytes).toBe(chunk.length * 300);
	expect(longest).toBeLessThan(64 * 1024 * 6);
});

test("the asciinema command prints a version 2 recording as the output it was", () => {
	const asciinema = Bun.which("asciinema");
	if (asciinema === null) {
		console.warn("skipped: no asciinema command on this machine");
		return;
	}
	const { dir, output } = session();
	const file = join(dir, "session.cast");
	writeFileSync(file, cast(dir, 2));
	// It insists on a controlling terminal, which script(1) gives; what it prints goes to a file past that terminal.
	const printed = join(dir, "printed");
	const command = `PYTHONIOENCODING=utf-8 HOME=${dir} '${asciinema}' cat '${file}' > '${printed}'`;
	const run = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", timeout: 20_000 });
	expect([run.status, run.stdout]).toEqual([0, ""]);
	expect(spawnSync("cat", [printed]).stdout.equals(Buffer.from(output))).toBe(true);
}, 300_000);

/** The core of asciinema's web player: its parser and its clock, without a page to draw on. */
interface PlayerCore {
	init(): Promise<void>;
	terminalReady(): void;
	seek(where: string): Promise<unknown>;
	getDuration(): number;
	addEventListener(name: string, handler: (data: never) => void): void;
}

test.each([2, 3] as const)(
	"asciinema's player plays a version %i recording to the last character",
	async (version) => {
		const dist = join(import.meta.dir, "../../node_modules/asciinema-player/dist");
		const [core] = globSync(join(dist, "core-*.js"));
		const { C: Core }: { C: new (source: object, options: object) => PlayerCore } = await import(core!);
		const { dir, output } = session();
		const player = new Core({ data: cast(dir, version) }, { speed: 1, logger: console });
		const shown: string[] = [];
		const sizes: string[] = [];
		const failures: unknown[] = [];
		player.addEventListener("output", (data: string | string[]) => shown.push(...[data].flat()));
		player.addEventListener("resize", ({ cols, rows }: { cols: number; rows: number }) =>
			sizes.push(`${cols}x${rows}`),
		);
		player.addEventListener("reset", ({ size }: { size: { cols: number; rows: number } }) =>
			sizes.push(`${size.cols}x${size.rows}`),
		);
		player.addEventListener("error", (error: unknown) => failures.push(error));
		player.terminalReady();
		await player.init();
		await player.seek("100%");
		expect(failures).toEqual([]);
		expect(shown.join("").replace(/^\x1bc/, "")).toBe(output);
		expect(sizes).toEqual(["100x30", "120x40", "60x20"]);
		expect(player.getDuration()).toBeCloseTo(version === 3 ? 2.75 : 2.25, 3);
	},
);
