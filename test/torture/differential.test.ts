/**
 * Real programs live in Berth: what it shows at once, what a client is painted that comes later, that fell behind and was resynced, and after the
 * daemon was killed equal what pyte and tmux show, which were fed the same bytes and never detached. Where an oracle is wrong itself is said
 * in test/support/oracles.ts. (test/holder/oracle.test.ts compares the engines alone.)
 */
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { faultsMet, requireOracles, type Shown, showPyte, showTmux } from "../support/oracles.ts";
import { Paced, shownBy } from "../support/paced.ts";

setDefaultTimeout(300_000);
beforeAll(requireOracles);

const SIZE = { cols: 80, rows: 24 };

interface Scenario {
	name: string;
	command: string[];
	/** Keys to press, and what the screen shows when they have worked; the last state is compared. */
	steps: [keys: string[], shows: string][];
}

/** As canonically equivalent rows are compared: pyte composes what it is given. */
const composed = ({ lines, cursor }: Shown): Shown => ({
	lines: lines.map((line) => line.normalize("NFC")),
	cursor,
});
/** Programs ask for key modes, which show nothing; pyte takes them for colours. */
const withoutKeyModes = (bytes: Uint8Array): Buffer =>
	Buffer.from(
		Buffer.from(bytes)
			.toString("latin1")
			.replace(/\x1b\[[?>][\d;]*m/g, ""),
		"latin1",
	);

/** What pyte gets wrong and a comparison can make up for: it is shown such bytes all the same. */
const MADE_UP_FOR = /private|composed/;

const scenarios: Scenario[] = [
	{
		name: "vim",
		command: ["vim", "-u", "NONE", "-i", "NONE", "-n", "-N", "code.c"],
		steps: [
			[[], "f0(void)"],
			[["G", "o", "e", "n", "d", "Escape", "g", "g", "C-f"], "f25(void)"],
		],
	},
	{
		name: "less",
		command: ["less", "-R", "long.txt"],
		steps: [
			[[], "line 0"],
			[["G"], "line 199"],
			[["k", "k", "k"], "line 180"],
		],
	},
	{
		name: "htop",
		command: ["htop", "-d", "100"],
		steps: [
			[[], "F10"],
			[["F5", "Down"], "F10"],
		],
	},
	{
		name: "fzf",
		command: ["sh", "-c", "fzf --layout=reverse --preview 'echo about {}' < plain.txt; exec sleep 600"],
		steps: [
			[[], "200/200"],
			[["1", "9"], "20/200"],
			[["Down", "Down"], "about line"],
		],
	},
	{
		name: "fzf below the prompt",
		command: ["sh", "-c", "seq 30; fzf --height 8 --multi < plain.txt; exec sleep 600"],
		steps: [
			[[], "200/200"],
			[["7"], "38/200"],
			[["Tab"], "(1)"],
		],
	},
	{
		name: "git log --color --graph",
		command: ["sh", "-c", "git -c color.ui=always log --graph --oneline --all; echo shown; exec sleep 600"],
		steps: [[[], "shown"]],
	},
	{
		name: "grep --color, and lines that just fit",
		command: ["sh", "-c", "grep --color=always -E 'x+$' fits.txt; exec sleep 600"],
		steps: [[[], "end x"]],
	},
	{
		name: "a progress bar",
		command: [
			"sh",
			"-c",
			"for i in $(seq 0 5 100); do printf '\\r[%-20s] %3d%%' \"$(printf '%*s' $((i/5)) '' | tr ' ' '#')\" $i; done; exec sleep 600",
		],
		steps: [[[], "100%"]],
	},
	{
		name: "wide characters",
		command: [
			"sh",
			"-c",
			"printf '漢字かな交じり文 ｆｕｌｌ\\r\\n한국어 中文 e\\314\\201 😀😀\\r\\nend'; exec sleep 600",
		],
		steps: [[[], "end"]],
	},
	{
		name: "a shell that marks its prompt, behind unfinished output",
		command: ["bash", "--rcfile", "marks.sh"],
		steps: [
			[[], "lower $"],
			[[..."printf", "Space", ..."unfinished", "Enter"], "unfinishedupper"],
		],
	},
	{
		name: "a shell in tmux inside",
		command: ["tmux", "-S", "inner.sock", "-f", "/dev/null", "new-session", "sh"],
		steps: [
			[[], "0:sh"],
			[["s", "e", "q", "Space", "9", "9", "Enter"], "99"],
		],
	},
];

const MARKS = "PS1='\\[\\e]133;A\\a\\]upper\\nlower $ \\[\\e]133;B\\a\\]'\n";

function prepare(folder: string): void {
	mkdirSync(folder);
	const code = Array.from({ length: 60 }, (_, i) => `int f${i}(void) { return ${i}; }`);
	writeFileSync(join(folder, "code.c"), `${code.join("\n")}\n`);
	const lines = Array.from(
		{ length: 200 },
		(_, i) => `\x1b[3${i % 8}mline ${i}\x1b[0m ${"word ".repeat(i % 30)}`,
	);
	writeFileSync(join(folder, "long.txt"), `${lines.join("\n")}\n`);
	writeFileSync(join(folder, "plain.txt"), Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join(""));
	writeFileSync(
		join(folder, "fits.txt"),
		`${"-".repeat(SIZE.cols - 4)}xxxx\n${"x".repeat(2 * SIZE.cols)}\nend x\n`,
	);
	writeFileSync(join(folder, "marks.sh"), MARKS);
	const git = "git -c init.defaultBranch=main -c user.name=a -c user.email=a@b";
	const script = `${git} init -q && for i in 1 2 3; do ${git} commit -q --allow-empty -m c$i; done && ${git} checkout -q -b side && ${git} commit -q --allow-empty -m s1 && ${git} checkout -q main && ${git} commit -q --allow-empty -m c4 && ${git} merge -q --no-edit side`;
	const made = Bun.spawnSync(["sh", "-c", script], {
		cwd: folder,
		env: { PATH: process.env.PATH ?? "", HOME: folder },
	});
	expect(made.stderr.toString()).toBe("");
}

/** Overflows the queue of a client that does not read; then the terminal is as new, and the program begins. */
const AFTER_A_FLOOD = "read go; seq 300000; printf '\\033c'; exec \"$@\"";

/** Stops everything of the session, the server that a tmux started included: a clock or a meter draws nothing any more. */
async function freeze(berth: Berth): Promise<void> {
	const tree = (await berth.api<{ pid: number }[]>("GET", "/sessions/real/processes")).body;
	const servers = berth.processes().filter((pid) => commandOf(pid).includes("inner.sock"));
	for (const pid of new Set([...tree.map(({ pid }) => pid), ...servers])) {
		if (alive(pid)) process.kill(pid, "SIGSTOP");
	}
}

function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8");
	} catch {
		// It ended meanwhile.
		return "";
	}
}

/** What Berth itself says that the terminal shows. */
async function shownOf(berth: Berth): Promise<Shown & { offset: number }> {
	const { lines, cursor, offset } = (
		await berth.api<{ lines: string[]; cursor: { x: number; y: number }; offset: number }>(
			"GET",
			"/sessions/real/screen?format=json",
		)
	).body;
	return { lines, cursor: [cursor.x, cursor.y], offset };
}

/** What a client shows that took these messages; an empty screen while it has taken none. */
async function shownTo(client: Paced, berth: Berth): Promise<Shown & { resyncs: number }> {
	if (!client.taken.some(({ binary }) => binary)) return { lines: [], cursor: [0, 0], resyncs: 0 };
	const { lines, cursor, resyncs, contiguous } = await shownBy(client.taken, join(berth.home, "cache"));
	expect(contiguous, client.name).toBe(true);
	return { lines, cursor: [cursor.x, cursor.y], resyncs };
}

const judged = { pyte: 0, tmux: 0 };

test.each(scenarios)(
	"$name shows the same as a terminal that never detached: live, reattached, resynced, and after the daemon's death",
	async ({ command, steps }) => {
		await using berth = await Berth.start({ BERTH_SCROLLBACK_LINES: "200", LESSHISTFILE: "-" });
		await using stack = new AsyncDisposableStack();
		const folder = join(berth.home, "work");
		prepare(folder);
		const made = await berth.api<Session>("POST", "/sessions", {
			name: "real",
			command: ["sh", "-c", AFTER_A_FLOOD, "sh", ...command],
			cwd: folder,
			...SIZE,
			port: null,
		});
		expect(made.status).toBe(201);
		const socket = made.body.workers[0]!.socket!;
		// One reads again while the program draws, the other when it has drawn.
		const [soon, late] = ["soon", "late"].map((name) => stack.use(Paced.link(name, socket))) as [
			Paced,
			Paced,
		];
		const viewers = async () => (await berth.api<Session>("GET", "/sessions/real")).body.viewers;
		await until(async () => (await viewers()) === 2, "both are attached");
		await berth.api("POST", "/sessions/real/input", { text: "go\r" });
		for (const [at, [keys, text]] of steps.entries()) {
			if (at === 1) soon.hurry();
			if (keys.length > 0)
				expect((await berth.api("POST", "/sessions/real/keys", { keys })).status).toBe(200);
			await until(
				async () => (await shownOf(berth)).lines.some((line) => line.includes(text)),
				`the screen shows ${text}`,
			);
			await berth.api("POST", "/sessions/real/wait", { idleMs: 300, timeoutMs: 10_000 });
		}
		await freeze(berth);
		const live = await shownOf(berth);
		const wanted = composed(live);
		const journal = Buffer.from(
			await (await berth.fetch(`/sessions/real/journal?to=${live.offset}`)).arrayBuffer(),
		);
		expect(journal.length).toBe(live.offset);
		const bytes = withoutKeyModes(journal.subarray(journal.indexOf("\x1bc") + 2));
		const file = join(berth.home, "bytes");
		writeFileSync(file, bytes);
		if (faultsMet("pyte", bytes).every(({ fault }) => MADE_UP_FOR.test(fault))) {
			expect(composed(showPyte(file, [bytes.length], SIZE)[0]!)).toEqual(wanted);
			judged.pyte++;
		}
		const equal = (other: Shown) => Bun.deepEquals(composed(other), wanted);
		expect(composed(await showTmux(file, SIZE, equal))).toEqual(wanted);
		judged.tmux++;

		const reattached = async (): Promise<Shown> => {
			await using client = Paced.link("reattached", socket);
			await until(() => client.taken.some(({ binary }) => binary), "it is painted");
			return composed(await shownTo(client, berth));
		};
		expect(await reattached()).toEqual(wanted);
		for (const client of [soon, late]) {
			client.hurry();
			await until(
				async () => Bun.deepEquals(composed(await shownTo(client, berth)), wanted),
				`${client.name} shows it`,
			).catch(async () => expect(composed(await shownTo(client, berth))).toEqual(wanted));
			expect((await shownTo(client, berth)).resyncs, client.name).toBeGreaterThan(0);
		}
		await berth.killDaemon();
		await berth.startDaemon();
		expect(composed(await shownOf(berth))).toEqual(wanted);
		expect(await reattached()).toEqual(wanted);
	},
);

test("each oracle judged enough of the programs to mean something", () => {
	expect(judged.pyte).toBeGreaterThanOrEqual(scenarios.length / 2);
	expect(judged.tmux).toBe(scenarios.length);
});
