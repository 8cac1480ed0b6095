/**
 * Real programs, recorded live from a PTY, shown by both engines and by terminals that Berth had no part in. All must agree on every
 * row and on the cursor, at every moment that a person would look.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLAIN_RESET, SNAPSHOT_RESET } from "../../src/contract/snapshot.ts";
import { ptyDriver } from "../../src/holder/pty/index.ts";
import type { Screen, ScreenEngine } from "../../src/holder/screen/engine.ts";
import { screenEngine } from "../../src/holder/screen/index.ts";
import { faultsMet, requireOracles, type Shown, showPyte, showTmux } from "../support/oracles.ts";
import { type ProgramOptions, RecordedProgram } from "../support/recorded-program.ts";

const SIZE = { cols: 80, rows: 24 };

const folder = mkdtempSync(join(tmpdir(), "berth-oracle-"));
const env = {
	PATH: process.env.PATH ?? "",
	HOME: folder,
	TERM: "xterm-256color",
	LC_ALL: "C.UTF-8",
	GIT_CONFIG_GLOBAL: "/dev/null",
	GIT_CONFIG_SYSTEM: "/dev/null",
	LESSHISTFILE: "-",
};

beforeAll(requireOracles);
afterAll(() => {
	// The inner tmux's server outlives its client when a test fails half way; there is none when all went well.
	Bun.spawnSync(["tmux", "-S", join(folder, "inner.sock"), "kill-server"], {
		stdout: "ignore",
		stderr: "ignore",
	});
	rmSync(folder, { recursive: true, force: true });
});

interface Scenario {
	name: string;
	argv: string[];
	prepare?: () => void;
	drive: (program: RecordedProgram) => Promise<void>;
}

const has = (text: string) => (lines: string[]) => lines.some((line) => line.includes(text));

const vim = [
	"vim",
	"-u",
	"NONE",
	"-i",
	"NONE",
	"-n",
	"-N",
	"--cmd",
	"syntax on",
	"--cmd",
	"set ruler showcmd",
];

const scenarios: Scenario[] = [
	{
		name: "vim: open, edit, split, search, quit",
		argv: [...vim, "code.c"],
		prepare: () => {
			const lines = Array.from(
				{ length: 60 },
				(_, i) => `int f${i}(void) { return ${i}; } /* ${"x".repeat(i * 2)} */`,
			);
			writeFileSync(join(folder, "code.c"), `${lines.join("\n")}\n`);
		},
		drive: async (program) => {
			await program.reaches("open", has("f0(void)"));
			program.type("oadded 中文 e\u0301 line\x1b");
			await program.reaches("edited", has("added"));
			program.type("20Gdd\x06\x06\x02");
			await program.reaches("scrolled", has("f30(void)"));
			program.type(":split\r/f5\r");
			await program.reaches("split and searched", has("f5"));
			program.type(":qa!\r");
			await program.ends("quit");
		},
	},
	{
		name: "less: open, page, search, end, quit",
		argv: ["less", "-R", "long.txt"],
		prepare: () => {
			const lines = Array.from(
				{ length: 200 },
				(_, i) => `\x1b[3${i % 8}mline ${i}\x1b[0m ${"word ".repeat(i % 30)}`,
			);
			writeFileSync(join(folder, "long.txt"), `${lines.join("\n")}\n`);
		},
		drive: async (program) => {
			await program.reaches("open", has("line 0"));
			program.type("  b");
			await program.reaches("paged", has("line 15"));
			program.type("/line 77\r");
			await program.reaches("searched", has("line 77"));
			program.type("G");
			await program.reaches("end", has("line 199"));
			program.type("kkk");
			await program.reaches("up", has("line 180"));
			program.type("q");
			await program.ends("quit");
		},
	},
	{
		name: "htop: meters, list, help, quit",
		argv: ["htop", "-d", "100"],
		drive: async (program) => {
			await program.shows("open", "F10");
			program.type("\x1b[B\x1b[B");
			await program.shows("moved", "F10");
			program.type("h");
			await program.shows("help", "Released under");
			program.type("x");
			await program.shows("back", "F10");
			program.type("q");
			await program.ends("quit");
		},
	},
	{
		name: "a progress bar with carriage returns",
		argv: [
			"bash",
			"-c",
			`for i in $(seq 1 40); do printf '\\r[%-40s] %3d%%' "$(printf '#%.0s' $(seq 1 $i))" $((i * 100 / 40)); done; read -r x; echo; echo done`,
		],
		drive: async (program) => {
			await program.reaches("full", has("100%"));
			program.type("\r");
			await program.ends("done");
		},
	},
	{
		name: "git log with colours and a graph",
		argv: ["git", "--no-pager", "log", "--color", "--graph", "--stat", "--decorate", "--all"],
		prepare: () => makeRepository(),
		drive: (program) => program.ends("shown"),
	},
	{
		name: "ls with colours and columns",
		argv: ["ls", "--color=always", "-C", "-w", "80", "-F", "tree"],
		prepare: () => {
			mkdirSync(join(folder, "tree"));
			for (let i = 0; i < 70; i++) {
				const path = join(folder, "tree", `${i % 7 === 0 ? "folder" : "file"}-${"n".repeat(i % 11)}${i}`);
				if (i % 7 === 0) mkdirSync(path);
				else writeFileSync(path, "", { mode: i % 5 === 0 ? 0o755 : 0o644 });
			}
		},
		drive: (program) => program.ends("shown"),
	},
	{
		name: "wide and combining characters, wrapped",
		argv: ["cat", "unicode.txt"],
		prepare: () => {
			const text = [
				"中文字符測試".repeat(9),
				`${"x".repeat(79)}日本語`,
				"한국어 텍스트 ".repeat(8),
				"combining: e\u0301 o\u0308 n\u0303 a\u0300\u0301 end",
				"emoji: 😀 🚀 🎉 done",
				"Ελληνικά кириллица ÄÖÜß → ← ½ €",
				"box: ┌──┬──┐ │中│文│ └──┴──┘",
				"\ttab\t中\ttab",
			];
			writeFileSync(join(folder, "unicode.txt"), `${text.join("\n")}\n`);
		},
		drive: (program) => program.ends("shown"),
	},
	{
		name: "tmux inside: panes, scrolling, leaving",
		argv: [
			"tmux",
			"-S",
			join(folder, "inner.sock"),
			"-f",
			"/dev/null",
			"new-session",
			"env",
			"PS1=$ ",
			"bash",
			"--norc",
			"--noediting",
		],
		drive: async (program) => {
			await program.reaches("open", (lines) => lines[0] === "$");
			program.type("for i in $(seq 1 50); do echo row $i; done\r");
			await program.reaches("scrolled", has("row 50"));
			program.type('\x02"');
			await program.reaches("split", (lines) => lines.some((line) => line.includes("────")));
			program.type("seq 1 30\r");
			// The whole row: tmux' status line has the day of the month.
			await program.reaches("scrolled in a pane", (lines) => lines.includes("30"));
			program.type("\x02:");
			await program.reaches("command prompt", (lines) => lines.at(-1) === ":");
			program.type("kill-server\r");
			await program.ends("left");
		},
	},
];

function makeRepository(): void {
	const run = (...args: string[]) => {
		const { success, stderr } = Bun.spawnSync(["git", ...args], {
			cwd: folder,
			env: {
				...env,
				GIT_AUTHOR_NAME: "A",
				GIT_AUTHOR_EMAIL: "a@x.example",
				GIT_COMMITTER_NAME: "A",
				GIT_COMMITTER_EMAIL: "a@x.example",
			},
		});
		if (!success) throw new Error(`git ${args[0]}: ${stderr}`);
	};
	const commit = (file: string) => {
		writeFileSync(join(folder, file), `${file}\n`);
		run("add", file);
		run("commit", "-qm", `Change ${file}: ${"a longer subject ".repeat(3)}`);
	};
	run("init", "-qb", "main");
	commit("one.txt");
	run("switch", "-qc", "side");
	commit("two.txt");
	run("switch", "-q", "main");
	commit("three.txt");
	run("merge", "-q", "--no-ff", "-m", "Merge side", "side");
	commit("four.txt");
}

interface Recording {
	file: (offset: number) => string;
	bytes: Uint8Array;
	checkpoints: { name: string; offset: number }[];
}

async function record(scenario: Scenario, index: number): Promise<Recording> {
	scenario.prepare?.();
	const engine = await screenEngine("ghostty", folder);
	const options: ProgramOptions = {
		...SIZE,
		argv: scenario.argv,
		cwd: folder,
		env,
		screen: (onReply) => openScreen(engine, onReply),
	};
	const program = new RecordedProgram(await ptyDriver("bun", folder), options);
	try {
		await scenario.drive(program);
	} finally {
		program.close();
	}
	const { bytes, checkpoints } = program;
	const file = (offset: number) => {
		const path = join(folder, `${index}-${offset}.bytes`);
		writeFileSync(path, bytes.subarray(0, offset));
		return path;
	};
	return { file, bytes, checkpoints };
}

function openScreen(engine: ScreenEngine, onReply: (bytes: Uint8Array) => void): Screen {
	return engine.open({ ...SIZE, scrollbackLines: 1000, onTitle: () => {}, onBell: () => {}, onReply });
}

function shownBy(screen: Screen): Shown {
	const { x, y } = screen.state().cursor;
	return { lines: screen.lines(), cursor: [x, y] };
}

const compared = { pyte: 0, tmux: 0 };

describe.each(scenarios.map((scenario, index) => ({ ...scenario, index })))("$name", (scenario) => {
	test("both engines, pyte and tmux show the same rows and cursor", async () => {
		const recording = await record(scenario, scenario.index);
		const { bytes, checkpoints } = recording;
		expect(checkpoints.length).toBeGreaterThan(0);
		const engines = await Promise.all(
			(["ghostty", "xterm"] as const).map((name) => screenEngine(name, folder)),
		);
		const screens = engines.map((engine) => openScreen(engine, () => {}));
		const followedByPyte = checkpoints.filter(
			({ offset }) => faultsMet("pyte", bytes.subarray(0, offset)).length === 0,
		);
		const pyte = showPyte(
			recording.file(bytes.length),
			followedByPyte.map(({ offset }) => offset),
			SIZE,
		);
		let fed = 0;
		for (const { name, offset } of checkpoints) {
			for (const screen of screens) screen.write(bytes.subarray(fed, offset));
			fed = offset;
			const [ghostty, xterm] = screens.map(shownBy) as [Shown, Shown];
			expect([name, "xterm", xterm]).toEqual([name, "xterm", ghostty]);
			const byPyte = pyte[followedByPyte.findIndex((checkpoint) => checkpoint.offset === offset)];
			if (byPyte) {
				compared.pyte++;
				expect([name, "pyte", byPyte]).toEqual([name, "pyte", ghostty]);
			}
			const byTmux = await showTmux(recording.file(offset), SIZE, (shown) => Bun.deepEquals(shown, ghostty));
			compared.tmux++;
			expect([name, "tmux", byTmux]).toEqual([name, "tmux", ghostty]);
			for (const [i, engine] of engines.entries()) {
				const fresh = openScreen(engine, () => {});
				fresh.write(screens[i]!.snapshot());
				expect([name, engine.name, "reattached", shownBy(fresh)]).toEqual([
					name,
					engine.name,
					"reattached",
					ghostty,
				]);
				fresh.close();
			}
		}
		for (const screen of screens) screen.close();
	}, 300_000);
});

test.each(["ghostty", "xterm"] as const)(
	"a terminal that counts more columns for some characters keeps every row of a painting by %s in its place",
	async (name) => {
		const screen = openScreen(await screenEngine(name, folder), () => {});
		// tmux counts as wcwidth does: two columns for the thumb and two for its skin tone, which here take two together.
		screen.write(Buffer.from(`first\r\n${"👍🏽".repeat(SIZE.cols / 2)}\r\nafter\r\nlast`));
		const file = join(folder, `painting-${name}`);
		const body = Buffer.from(screen.snapshot()).subarray(SNAPSHOT_RESET.length);
		writeFileSync(file, Buffer.concat([Buffer.from(PLAIN_RESET), body]));
		screen.close();
		const inPlace = ({ lines: [first, , after, last] }: Shown) =>
			first === "first" && after === "after" && last === "last";
		expect(await showTmux(file, SIZE, inPlace)).toSatisfy(inPlace);
	},
);

test("each oracle judged enough of the recordings to mean something", () => {
	expect(compared.pyte).toBeGreaterThanOrEqual(4);
	expect(compared.tmux).toBeGreaterThanOrEqual(20);
});
