/**
 * A running holder fed with what no program should print, while its terminal is resized and its screen is asked for in every form: it does
 * not crash, its memory is bounded, and no answer is a 500. (The engines alone stand the same in src/holder/screen/conformance.test.ts.)
 */
import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { censusOf, type Random, scaled, seededTest } from "../support/torture.ts";

/** Bytes of each nasty thing: enough to show what would grow with it. */
const LENGTH = scaled(200_000, 8_000_000);

/** What a screen of the sizes below, its scrollback and a few copies of it may take. */
const MEMORY_LIMIT = 160 * 1024 * 1024;

const repeated = (text: string) => Buffer.from(text.repeat(Math.ceil(LENGTH / text.length)));

const corpus: Record<string, () => Buffer> = {
	"an OSC without end": () => Buffer.concat([Buffer.from("\x1b]0;"), repeated("title")]),
	"a hyperlink without end": () => Buffer.concat([Buffer.from("\x1b]8;;"), repeated("http://x/")]),
	"a DCS without end": () => Buffer.concat([Buffer.from("\x1bPq"), repeated("#0;2;0;0;0~-")]),
	"DCS inside DCS": () => repeated("\x1bP+q\x1bP$q\x1bPq"),
	"an APC and a PM without end": () =>
		Buffer.concat([Buffer.from("\x1b_G"), repeated("a=T,f=32;AAAA"), Buffer.from("\x1b^")]),
	"huge parameters": () =>
		repeated("\x1b[99999999999999999999;99999999999A\x1b[4294967295X\x1b[2147483648@\x1b[9999999999L"),
	"thousands of parameters": () => Buffer.concat([Buffer.from("\x1b["), repeated("1;"), Buffer.from("m")]),
	"invalid UTF-8": () =>
		Buffer.alloc(LENGTH, Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5, 0x41)),
	"combining characters without end": () => Buffer.concat([Buffer.from("e"), repeated("\u0301")]),
	"joined emoji without end": () => repeated("\u{1f468}\u200d"),
	"queries without end": () => repeated("\x1b[c\x1b[6n\x1b[?2026$p\x1b]10;?\x07"),
	"screens switched without end": () => repeated("\x1b[?1049h\x1b[2J\x1b[?1049l"),
	"modes and scroll regions without end": () =>
		repeated("\x1b[5;3r\x1b[?6h\x1b[?69h\x1b[2;1s\x1b[r\x1b[?3h\x1b[?3l"),
	"a saved cursor far away": () => repeated("\x1b[9999;9999H\x1b7\x1b[1;1H\x1b8x\n"),
	"titles pushed without end": () => repeated("\x1b[22;0t\x1b]0;x\x07"),
	"kitty keyboard pushed without end": () => repeated("\x1b[>31u"),
	"NUL, DEL and C1": () => repeated("\x00\x7f\u0080\u0090\u009b\u009d\u009c\x18\x1a"),
};

/** Valid beginnings with anything behind them, so that random bytes get past the first state of a parser. */
const sequences = fc
	.array(
		fc.tuple(
			fc.constantFrom(
				"\x1b[",
				"\x1b]",
				"\x1bP",
				"\x1b_",
				"\x1b(",
				"\x1b#",
				"\x1b[?",
				"\x1b[>",
				"\x1b[=",
				"\x9b",
				"\x1b]133;",
				"\x1b]633;",
				"\x1b]7;file://",
				"\x1b]52;c;",
				"\x1b]8;id=1;",
			),
			fc.uint8Array({ maxLength: 60 }),
		),
		{ maxLength: 300 },
	)
	.map((pieces) => Buffer.concat(pieces.flatMap(([begin, rest]) => [Buffer.from(begin, "latin1"), rest])));

async function attack(berth: Berth, random: Random, name: string, bytes: Buffer): Promise<string[]> {
	const faults: string[] = [];
	const file = join(berth.home, "nasty");
	writeFileSync(file, bytes);
	const body = {
		name: "victim",
		command: ["sh", "-c", `stty raw -echo; cat ${file}; printf '\\030\\033c'; echo the-end; exec cat`],
	};
	const made = await berth.api<Session>("POST", "/sessions", body);
	expect(made.status).toBe(201);
	const { pid } = made.body.workers[0]!;
	const holder = (await berth.api<{ ppid: number }[]>("GET", "/sessions/victim/processes")).body[0]!.ppid;
	let over = false;
	const choices = random.of(name);
	const ask = async (): Promise<void> => {
		while (!over) {
			const size = { cols: choices.between(2, 200), rows: choices.between(1, 100) };
			const asked = choices.pick<[string, string, object?]>([
				["POST", "/resize", size],
				["POST", "/resize", size],
				["GET", "/screen?format=text"],
				["GET", "/screen?format=ansi"],
				["GET", "/screen?format=html"],
				["GET", "/screen?format=json"],
				["GET", "/output?lines=50"],
				["GET", ""],
			]);
			const [method, path, content] = asked;
			const init: RequestInit =
				content === undefined
					? { method }
					: { method, body: JSON.stringify(content), headers: { "content-type": "application/json" } };
			const response = await berth.fetch(`/sessions/victim${path}`, init);
			if (response.status >= 500)
				faults.push(`${name}: ${method} ${path} → ${response.status} ${await response.text()}`);
			else await response.arrayBuffer();
		}
	};
	const asking = ask();
	// The journal tells, not the screen: one that is two columns wide at that moment shows no whole word. Answers to queries follow it.
	const ended = await until(
		async () => {
			const behind = await berth.fetch(`/sessions/victim/journal?from=${bytes.length}`);
			return (await behind.text()).includes("the-end\n");
		},
		"the end is printed",
		scaled(60_000, 300_000),
	).catch((error: Error) => error);
	over = true;
	await asking;
	if (ended instanceof Error) faults.push(`${name}: ${ended.message}`);
	if (!alive(holder) || !alive(pid!)) faults.push(`${name}: the holder has crashed`);
	else if (censusOf(holder).memory > MEMORY_LIMIT)
		faults.push(`${name}: ${censusOf(holder).memory} bytes of memory`);
	const journal = await berth.fetch("/sessions/victim/journal");
	const kept = Buffer.from(await journal.arrayBuffer());
	if (!kept.subarray(0, bytes.length).equals(bytes))
		faults.push(`${name}: the journal does not have what was printed`);
	expect((await berth.api("POST", "/sessions/victim/kill")).status).toBe(200);
	expect((await berth.api("DELETE", "/sessions/victim")).status).toBe(200);
	return faults;
}

for (const engine of ["ghostty", "xterm"]) {
	seededTest(`hostile bytes crash no holder, grow no memory and give no 500 (${engine})`, async (random) => {
		await using berth = await Berth.start({ BERTH_SCREEN: engine, BERTH_SCROLLBACK_LINES: "1000" });
		const faults: string[] = [];
		for (const [name, bytes] of Object.entries(corpus))
			faults.push(...(await attack(berth, random, name, bytes())));
		const samples = fc.sample(sequences, { numRuns: scaled(5, 50), seed: random.between(0, 2 ** 30) });
		for (const [n, bytes] of samples.entries())
			faults.push(...(await attack(berth, random, `random ${n}`, bytes)));
		faults.push(...(await attack(berth, random, "random bytes", Buffer.from(random.bytes(200_000)))));
		expect(faults).toEqual([]);
	});
}
