/** Terminals that Berth had no part in: python3-pyte and tmux. Each replays recorded output and says what it shows. */
import { join } from "node:path";

export interface Shown {
	lines: string[];
	/** Column and row from 0. */
	cursor: [number, number];
}

export interface Size {
	cols: number;
	rows: number;
}

/** Where an oracle is wrong by the standard's own words, quoted here: what such a sequence stands in is not shown to it. */
export interface OracleFault {
	oracle: "pyte" | "tmux";
	sequence: RegExp;
	fault: string;
	standard: string;
}

export const oracleFaults: readonly OracleFault[] = [
	{
		oracle: "pyte",
		sequence: /\x1b\[\?(?:1049|1047|47)l/,
		fault: "It has one screen: leaving the alternate one shows nothing new.",
		standard:
			"XTerm Control Sequences, DEC Private Mode Reset, Ps = 1049: “Use Normal Screen Buffer and restore cursor as in DECRC, xterm.”",
	},
	{
		oracle: "pyte",
		sequence: /\x1b\[\d*[ST]/,
		fault: "It has no SU and SD.",
		standard:
			"ECMA-48, 8.3.147: “SU causes the data in the presentation component to be moved by n line positions if the line orientation is horizontal, […] such that the data appear to move up”; 8.3.113, SD: “such that the data appear to move down”",
	},
	{
		oracle: "pyte",
		sequence: /\x1b\[\d*b/,
		fault: "It has no REP.",
		standard:
			"ECMA-48, 8.3.103: “REP is used to indicate that the preceding character in the data stream, if it is a graphic character (represented by one or more bit combinations) including SPACE, is to be repeated n times”",
	},
	{
		oracle: "pyte",
		sequence: /\x1b\[[>=?<][\d;]*[a-gi-km-z]/,
		fault: "It takes private sequences that it does not know for public ones; XTMODKEYS becomes a colour.",
		standard:
			"ECMA-48, 5.4.1 b): “If the first bit combination of the parameter string is in the range 03/12 to 03/15, the parameter string is available for private (or experimental) use.”",
	},
	{
		oracle: "pyte",
		sequence: /\x1bP/,
		fault: "It prints what stands in a DCS.",
		standard:
			"ECMA-48, 8.3.27: “DCS is used as the opening delimiter of a control string for device control use. […] The control string is closed by the terminating delimiter STRING TERMINATOR (ST).”",
	},
	{
		oracle: "pyte",
		sequence: /[\u0300-\u036f]/u,
		fault: "It replaces what a program printed by its composed form.",
		standard:
			"UAX #15, 1.1: canonical equivalents “when correctly displayed should always have the same visual appearance and behavior”; no terminal standard has one exchanged for the other",
	},
];

/** The faults of an oracle that these bytes meet. */
export function faultsMet(oracle: OracleFault["oracle"], bytes: Uint8Array): OracleFault[] {
	const text = Buffer.from(bytes).toString();
	return oracleFaults.filter((each) => each.oracle === oracle && each.sequence.test(text));
}

/** Debian's interpreter: the one that python3-pyte is installed for, whatever else PATH has first. */
const PYTHON = "/usr/bin/python3";

/** What the oracle test needs, with the Debian package that has it. */
const NEEDED: [name: string, debianPackage: string, check: string[]][] = [
	["pyte", "python3-pyte", [PYTHON, "-c", "import pyte"]],
	["tmux", "tmux", ["tmux", "-V"]],
	["vim", "vim", ["vim", "--version"]],
	["less", "less", ["less", "--version"]],
	["htop", "htop", ["htop", "--version"]],
	["git", "git", ["git", "--version"]],
	["fzf", "fzf", ["fzf", "--version"]],
];

/** Throws what to install when an oracle or a program is missing: the comparison is never left out silently. */
export function requireOracles(): void {
	const missing = NEEDED.filter(([, , [program, ...args]]) => !runs(program!, args)).map(([, name]) => name);
	if (missing.length > 0) throw new Error(`the oracle test needs: apt-get install ${missing.join(" ")}`);
}

function runs(program: string, args: string[]): boolean {
	if (Bun.which(program) === null) return false;
	return Bun.spawnSync([program, ...args], { stdout: "ignore", stderr: "ignore" }).success;
}

/** What pyte shows after each number of bytes of the file. */
export function showPyte(file: string, offsets: number[], { cols, rows }: Size): Shown[] {
	const script = join(import.meta.dir, "pyte-screen.py");
	const argv = [PYTHON, script, String(cols), String(rows), file, ...offsets.map(String)];
	const { success, stdout, stderr } = Bun.spawnSync(argv);
	if (!success) throw new Error(`pyte: ${stderr}`);
	return JSON.parse(stdout.toString()) as Shown[];
}

/** Milliseconds that tmux may take to show what it was fed. */
const TMUX_LIMIT_MS = 5000;
const POLL_MS = 20;

/** Servers started: each has a socket of its own, as one that was killed may still hold its own for a moment. */
let servers = 0;

/**
 * What tmux shows after the whole file, on a server of its own. Reading goes on until `expected` is shown: tmux does not say when it
 * has read everything. Past the limit the answer is what it shows then.
 */
export async function showTmux(
	file: string,
	{ cols, rows }: Size,
	expected: (shown: Shown) => boolean,
): Promise<Shown> {
	const socket = `${file}.${++servers}.sock`;
	const tmux = (...args: string[]) => {
		const { success, stdout, stderr } = Bun.spawnSync(["tmux", "-S", socket, ...args], {
			env: { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
		});
		if (!success) throw new Error(`tmux ${args[0]}: ${stderr}`);
		return stdout.toString();
	};
	// Raw, so that the recording's line ends stay as they are; without echo, so that tmux's answers to queries are not shown.
	const replay = `stty raw -echo; cat ${file}; exec sleep 1000`;
	tmux(
		"-f",
		"/dev/null",
		"start-server",
		";",
		"set",
		"-g",
		"status",
		"off",
		";",
		"new-session",
		"-d",
		"-x",
		String(cols),
		"-y",
		String(rows),
		replay,
	);
	try {
		const deadline = performance.now() + TMUX_LIMIT_MS;
		for (;;) {
			const [x, y] = tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").trim().split(" ").map(Number);
			const lines = tmux("capture-pane", "-p")
				.split("\n")
				.slice(0, rows)
				.map((line) => line.trimEnd());
			const shown: Shown = { lines, cursor: [Math.min(x!, cols - 1), y!] };
			if (expected(shown) || performance.now() > deadline) return shown;
			await Bun.sleep(POLL_MS);
		}
	} finally {
		tmux("kill-server");
	}
}
