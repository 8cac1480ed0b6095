/**
 * Real programs live in Berth: what it shows at once, what a client that comes later is painted, and what is shown after the daemon was killed
 * equal what pyte and tmux show, which were fed the same bytes and never detached. (test/holder/oracle.test.ts compares the engines alone.)
 */
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { Berth, until } from "../support/berth.ts";
import { requireOracles, type Shown, showPyte, showTmux } from "../support/oracles.ts";
import { Paced, shownBy } from "../support/paced.ts";

setDefaultTimeout(120_000);
beforeAll(requireOracles);

const SIZE = { cols: 80, rows: 24 };

interface Scenario {
	name: string;
	command: string[];
	/** Keys to press, and what the screen shows when they have worked; the last state is compared. */
	steps: [keys: string[], shows: string][];
}

/**
 * pyte joins combining characters into composed ones (its own choice: ECMA-48 knows no such thing), so that rows are compared composed, and
 * takes `CSI ? 4 m`, with which vim asks for a key mode (xterm's control sequences, XTQMODKEYS), for a colour, and fails.
 */
const composed = ({ lines, cursor }: Shown): Shown => ({
	lines: lines.map((line) => line.normalize("NFC")),
	cursor,
});
const withoutKeyModes = (bytes: Uint8Array): Uint8Array =>
	Buffer.from(
		Buffer.from(bytes)
			.toString("latin1")
			.replace(/\x1b\[[?>][\d;]*m/g, ""),
		"latin1",
	);

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
		name: "git log --color --graph",
		command: ["sh", "-c", "git -c color.ui=always log --graph --oneline --all; echo shown; exec sleep 600"],
		steps: [[[], "shown"]],
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
		name: "a shell in tmux inside",
		command: ["tmux", "-S", "inner.sock", "-f", "/dev/null", "new-session", "sh"],
		steps: [
			[[], "0:sh"],
			[["s", "e", "q", "Space", "9", "9", "Enter"], "99"],
		],
	},
];

function prepare(folder: string): void {
	mkdirSync(folder);
	const code = Array.from({ length: 60 }, (_, i) => `int f${i}(void) { return ${i}; }`);
	writeFileSync(join(folder, "code.c"), `${code.join("\n")}\n`);
	const lines = Array.from(
		{ length: 200 },
		(_, i) => `\x1b[3${i % 8}mline ${i}\x1b[0m ${"word ".repeat(i % 30)}`,
	);
	writeFileSync(join(folder, "long.txt"), `${lines.join("\n")}\n`);
	const git = "git -c init.defaultBranch=main -c user.name=a -c user.email=a@b";
	const script = `${git} init -q && for i in 1 2 3; do ${git} commit -q --allow-empty -m c$i; done && ${git} checkout -q -b side && ${git} commit -q --allow-empty -m s1 && ${git} checkout -q main && ${git} commit -q --allow-empty -m c4 && ${git} merge -q --no-edit side`;
	const made = Bun.spawnSync(["sh", "-c", script], {
		cwd: folder,
		env: { PATH: process.env.PATH ?? "", HOME: folder },
	});
	expect(made.stderr.toString()).toBe("");
}

test.each(scenarios)(
	"$name shows the same as a terminal that never detached: live, reattached, and after the daemon's death",
	async ({ command, steps }) => {
		await using berth = await Berth.start({ BERTH_SCROLLBACK_LINES: "200", LESSHISTFILE: "-" });
		const folder = join(berth.home, "work");
		prepare(folder);
		const body = { name: "real", command, cwd: folder, ...SIZE, port: null };
		const made = await berth.api<Session>("POST", "/sessions", body);
		expect(made.status).toBe(201);
		const shown = async () => {
			const { body } = await berth.api<{ lines: string[]; cursor: { x: number; y: number }; offset: number }>(
				"GET",
				"/sessions/real/screen?format=json",
			);
			return {
				lines: body.lines,
				cursor: [body.cursor.x, body.cursor.y] as [number, number],
				offset: body.offset,
			};
		};
		for (const [keys, text] of steps) {
			if (keys.length > 0)
				expect((await berth.api("POST", "/sessions/real/keys", { keys })).status).toBe(200);
			await until(
				async () => (await shown()).lines.some((line) => line.includes(text)),
				`the screen shows ${text}`,
			);
			await berth.api("POST", "/sessions/real/wait", { idleMs: 300, timeoutMs: 10_000 });
		}
		const live = await shown();
		const file = join(berth.home, "bytes");
		const bytes = new Uint8Array(
			await (await berth.fetch(`/sessions/real/journal?to=${live.offset}`)).arrayBuffer(),
		);
		expect(bytes.length).toBe(live.offset);
		const told = withoutKeyModes(bytes);
		writeFileSync(file, told);
		const wanted: Shown = composed({ lines: live.lines, cursor: live.cursor });
		const equal = (other: Shown) => Bun.deepEquals(composed(other), wanted);
		expect(composed(showPyte(file, [told.length], SIZE)[0]!)).toEqual(wanted);
		expect(composed(await showTmux(file, SIZE, equal))).toEqual(wanted);

		const reattached = async () => {
			await using client = Paced.link("late", made.body.workers[0]!.socket!);
			await until(() => client.taken.some(({ binary }) => binary), "it is painted");
			const { lines, cursor } = await shownBy(client.taken, join(berth.home, "cache"));
			return composed({ lines, cursor: [cursor.x, cursor.y] });
		};
		await berth.killDaemon();
		await berth.startDaemon();
		const after = await shown();
		expect(composed(after)).toEqual(wanted);
		expect(await reattached()).toEqual(wanted);
		Bun.spawnSync(["tmux", "-S", join(folder, "inner.sock"), "kill-server"], { stderr: "ignore" });
	},
);
