/** attach, on a real terminal: what it paints, what it passes on, and what it leaves behind on every way out. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session, Worker } from "../../src/contract/session.ts";
import { alive, Berth, program, until } from "../support/berth.ts";
import { attachPid } from "../support/loan.ts";
import { Terminal } from "../support/terminal.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

const command = program.join(" ");
const DETACH = "\x1c";

async function worker(name: string): Promise<Worker> {
	return (JSON.parse(await berth.ok(["info", name, "--json"])) as Session).workers[0]!;
}

/** A session of this command line, and a terminal that is attached to it. */
async function attached(name: string, script: string, flags = ""): Promise<Terminal> {
	await berth.ok(["new", name, "-d", "--", "sh", "-c", script]);
	const terminal = await Terminal.open({ env: berth.env, cwd: berth.home });
	terminal.line(`${command} attach ${name} ${flags}; echo "status=$?"`);
	await terminal.until("\x1b[2J");
	return terminal;
}

/** Every mode that a program may have switched on is switched off in what was written last. */
function expectRestored(tail: string): void {
	for (const mode of [1, 1000, 1002, 1003, 1004, 1006, 2004, 2026]) {
		expect(tail).toMatch(new RegExp(`\\x1b\\[\\?[0-9;]*\\b${mode}\\b[0-9;]*l`));
	}
	for (const each of ["\x1b[0 q", "\x1b[r", "\x1b[0m", "\x1b[=0;1u", "\x1b[>4;0m", "\x1b[23;2t"])
		expect(tail).toContain(each);
	expect(tail).toMatch(/\x1b\[\?[0-9;]*\b25\b[0-9;]*h/);
}

/** What a program of the rude kind leaves on. */
const RUDE = "printf '\\033[?1049h\\033[?1000;1006;2004;1004h\\033[?25l\\033[>3u\\033[5;10r\\033[31mrude'";

describe("the user's terminal is left as it was found", () => {
	const waysOut: [string, string, (terminal: Terminal, name: string) => Promise<void> | void, RegExp][] = [
		["detaching", "cat", (terminal) => terminal.type(DETACH), /\[detached from \S+\]\r\nstatus=0\r\n/],
		[
			"the program's exit",
			"read x; exit 3",
			(terminal) => terminal.type("\n"),
			/\[exited 3\]\r\nstatus=3\r\n/,
		],
		[
			"the program's death by a signal",
			"read x; kill -TERM $$",
			(terminal) => terminal.type("\n"),
			/\[exited TERM\]\r\nstatus=143\r\n/,
		],
		[
			"the session being killed",
			"cat",
			async (_, name) => void (await berth.ok(["kill", name])),
			/\[killed\]\r\nstatus=137\r\n/,
		],
		[
			"SIGTERM",
			"cat",
			(_, name) => signalAttach(name, "SIGTERM"),
			/\[detached from \S+ by SIGTERM\]\r\nstatus=143\r\n/,
		],
		["SIGHUP", "cat", (_, name) => signalAttach(name, "SIGHUP"), /by SIGHUP\]\r\nstatus=129\r\n/],
		["SIGINT", "cat", (_, name) => signalAttach(name, "SIGINT"), /by SIGINT\]\r\nstatus=130\r\n/],
		[
			"the holder's death",
			"cat",
			async (_, name) => {
				const { pid } = await worker(name);
				process.kill(parentOf(pid!), "SIGKILL");
			},
			/\[lost\]\r\nstatus=1\r\n/,
		],
	];

	test.each(waysOut)("on %s", async (_, script, leave, end) => {
		const name = `way-${crypto.randomUUID().slice(0, 8)}`;
		await using terminal = await attached(name, `${RUDE}; ${script}`);
		const before = await plainModes();
		await terminal.until("rude");
		const mark = terminal.mark;
		await leave(terminal, name);
		await terminal.until(end, mark);
		const tail = terminal.since(mark);
		expectRestored(tail);
		expect(tail).toContain("\x1b[?1049l");
		expect(tail).toContain("\x1b[<1u");
		expect(await terminal.modes()).toBe(before);
	});

	test("on a program that left nothing on, without switching a screen that was never switched", async () => {
		await using terminal = await attached("modest", "echo modest; cat");
		await terminal.until("modest");
		const mark = terminal.mark;
		terminal.type(DETACH);
		await terminal.until("status=0", mark);
		expect(terminal.since(mark)).not.toContain("\x1b[?1049l");
		expectRestored(terminal.since(mark));
	});

	/** stty of a terminal in which nothing ever ran. */
	async function plainModes(): Promise<string> {
		await using fresh = await Terminal.open({ env: berth.env, cwd: berth.home });
		// Awaited here: the terminal is gone once this returns.
		return await fresh.modes();
	}

	function signalAttach(name: string, signal: NodeJS.Signals): void {
		process.kill(attachPid(berth, name), signal);
	}

	function parentOf(pid: number): number {
		return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
	}
});

describe("what is typed", () => {
	test("arrives byte for byte", async () => {
		const file = join(berth.home, "bytes");
		const all = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1c);
		await using terminal = await attached(
			"bytes",
			`stty raw -echo; echo ready; head -c ${all.length} >${file}; echo enough; cat`,
		);
		await terminal.until("ready");
		terminal.type(all);
		await terminal.until("enough");
		expect(readFileSync(file).equals(Buffer.from(all))).toBe(true);
	});

	test("detaches in the kitty keyboard encoding as well, and by keys of the user's choice", async () => {
		await using kitty = await attached("kitty", "printf '\\033[>1u'; cat");
		kitty.type("\x1b[92;5u");
		await kitty.until(/detached from kitty\]\r\nstatus=0/);
		await using chosen = await attached(
			"chosen",
			"stty raw -echo; echo ready; cat",
			"--detach-keys ctrl-a,d",
		);
		await chosen.until("ready");
		chosen.type("\x01x\x1c\x01d");
		await chosen.until(/detached from chosen\]\r\nstatus=0/);
		await until(
			async () => (await berth.ok(["logs", "chosen"])).endsWith("\x01x\x1c"),
			"all but the keys arrived",
		);
	});

	test("stays out of a session that is only watched, and Ctrl-C leaves it", async () => {
		await using terminal = await attached("watched", "echo here; cat", "--read-only");
		await terminal.until("here");
		terminal.type("unheard\n");
		terminal.resize(100, 30);
		await berth.ok(["send", "watched", "heard", "--enter"]);
		await terminal.until("heard");
		terminal.type("\x03");
		await terminal.until(/detached from watched\]\r\nstatus=0/);
		expect(await berth.ok(["logs", "watched"])).not.toContain("unheard");
		expect(await worker("watched")).toMatchObject({ cols: 80, rows: 24 });
	});
});

describe("the session", () => {
	test("takes the terminal's size, and follows it", async () => {
		await using terminal = await attached("sized", "trap 'stty size' WINCH; while :; do sleep 0.02; done");
		terminal.resize(101, 31);
		await terminal.until("31 101");
	});

	test("comes with as much history as was asked for, and is painted anew when the terminal grows", async () => {
		await berth.ok(["new", "brief", "-d", "--", "sh", "-c", "seq 101 250; cat"]);
		await berth.ok(["wait", "brief", "--text", "250"]);
		await using terminal = await Terminal.open({ env: berth.env, cwd: berth.home });
		const start = terminal.mark;
		terminal.line(`${command} attach brief --scrollback 0; echo "status=$?"`);
		await terminal.until("250", start);
		expect(terminal.since(start)).toContain("240");
		expect(terminal.since(start)).not.toContain("225");
		const grown = terminal.mark;
		terminal.resize(80, 31);
		await terminal.until("225", grown);
		await terminal.until("250", grown);
		terminal.type(DETACH);
		await terminal.until("status=0", grown);
	});

	test("keeps its size when it is asked to", async () => {
		await using terminal = await attached(
			"fixed",
			"trap 'stty size' WINCH; echo here; while :; do sleep 0.02; done",
			"--no-resize",
		);
		await terminal.until("here");
		terminal.resize(101, 31);
		terminal.type(DETACH);
		await terminal.until("status=0");
		expect(await worker("fixed")).toMatchObject({ cols: 80, rows: 24 });
	});

	test("goes on under the eyes of the attached when the daemon is killed", async () => {
		await using own = await Berth.start();
		await own.ok(["new", "steady", "-d", "--", "cat"]);
		await using terminal = await Terminal.open({ env: own.env, cwd: own.home });
		terminal.line(`${command} attach steady; echo "status=$?"`);
		await terminal.until("\x1b[2J");
		await own.killDaemon();
		terminal.type("still\n");
		await terminal.until(/still\r\nstill\r\n/);
		terminal.type("\x04");
		await terminal.until(/\[exited 0\]\r\nstatus=0/);
	});

	test("is followed into its next generation when it is restarted", async () => {
		await using terminal = await attached("reborn", "echo generation; cat");
		await terminal.until("generation");
		const mark = terminal.mark;
		await berth.ok(["restart", "reborn"]);
		await terminal.until("generation", mark);
		terminal.type("alive\n");
		await terminal.until(/alive\r\nalive\r\n/, mark);
		terminal.type(DETACH);
		await terminal.until("status=0", mark);
	});

	test("is not entered from inside itself, nor silently from inside another", async () => {
		await berth.ok(["new", "inner", "-d", "--", "cat"]);
		const inside = (await berth
			.ok(["exec", "--", ...program, "attach", "inner"])
			.catch((error: Error) => error.message)) as string;
		expect(inside).toContain("inside a session already");
		const made = await berth.run(["exec", "--", ...program, "new", "made-inside", "--", "cat"]);
		expect(made.stdout).toMatch(/made-inside\n.*left detached/s);
	});

	test("new attaches at once, in the terminal's size", async () => {
		await using terminal = await Terminal.open({ env: berth.env, cwd: berth.home, cols: 93, rows: 27 });
		terminal.line(`${command} new fresh -- sh -c 'stty size; read x; exit 5'; echo "status=$?"`);
		await terminal.until("27 93");
		terminal.type("\n");
		await terminal.until(/\[exited 5\]\r\nstatus=5/);
	});
});

describe("inside tmux, which tells what a terminal shows", () => {
	const socket = `berth-test-${process.pid}`;
	const tmux = (...args: string[]) => {
		const { stdout, stderr, exitCode } = Bun.spawnSync(["tmux", "-L", socket, "-f", "/dev/null", ...args], {
			env: berth.env,
			cwd: berth.home,
		});
		if (exitCode !== 0) throw new Error(stderr.toString());
		return stdout.toString();
	};
	const shown = () =>
		tmux("capture-pane", "-p")
			.split("\n")
			.map((line) => line.trimEnd())
			.join("\n")
			.trimEnd();
	const screenOf = async (name: string) =>
		(await berth.ok(["screen", name]))
			.split("\n")
			.map((line) => line.trimEnd())
			.join("\n")
			.trimEnd();

	beforeAll(() => {
		tmux("new-session", "-d", "-x", "90", "-y", "20", "bash --norc --noprofile");
		tmux("set", "-g", "default-terminal", "tmux-256color");
	});
	afterAll(() => {
		tmux("kill-server");
	});

	test("attach paints a shell, vim and its wide characters exactly, and gives the screen back", async () => {
		await berth.ok(["new", "painted", "-d", "--shell", "bash", "--size", "90x20"]);
		await berth.ok(["send", "painted", "seq 30; printf 'wide 日本語 👍 e\\u0301\\n'", "--enter"]);
		tmux("send-keys", "echo before-attach", "Enter");
		await until(() => /^before-attach$/m.test(shown()), "the pane is ready");
		tmux("send-keys", `${command} attach painted`, "Enter");
		await until(() => shown().includes("日本語"), "the session is painted");
		await until(async () => shown() === (await screenOf("painted")), "the pane shows the session's screen");
		tmux("send-keys", "vim -u NONE -c 'set nu' /etc/passwd", "Enter");
		await until(() => shown().includes("root:x:0:0"), "vim is shown");
		await until(async () => shown() === (await screenOf("painted")), "the pane shows vim");
		tmux("send-keys", "C-\\");
		await until(() => shown().includes("[detached from painted]"), "it is detached");
		expect(shown()).not.toContain("root:x:0:0");
		tmux("send-keys", `${command} attach painted`, "Enter");
		await until(() => shown().includes("root:x:0:0"), "vim is shown again");
		await until(async () => shown() === (await screenOf("painted")), "the pane shows vim again");
		tmux("send-keys", ":q", "Enter");
		await until(
			() => !shown().includes("root:x:0:0") && shown().includes("日本語"),
			"the shell's screen is back",
		);
		tmux("send-keys", "C-\\");
		await until(() => shown().includes("[detached from painted]"), "it is detached");
		expect(
			tmux(
				"display-message",
				"-p",
				"#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{scroll_region_upper} #{scroll_region_lower}",
			).trim(),
		).toBe("0 0 1 0 19");
		expect(tmux("capture-pane", "-p", "-S", "-")).toContain("before-attach");
	}, 300_000);

	test("a terminal of another size shows what it has room for, exactly, and follows", async () => {
		await berth.ok([
			"new",
			"wide",
			"-d",
			"--size",
			"120x30",
			"--",
			"sh",
			"-c",
			"printf '%0110d\\n' 7; printf '\\033[12;5H\\033[1mmiddle\\033[0m'; cat",
		]);
		const cropped = async () =>
			(await berth.ok(["screen", "wide"]))
				.split("\n")
				.slice(0, 20)
				.map((line) => line.slice(0, 90).trimEnd())
				.join("\n")
				.trimEnd();
		tmux("send-keys", `${command} attach wide --read-only`, "Enter");
		await until(
			async () => shown().includes("middle") && shown() === (await cropped()),
			"the pane shows its part",
		);
		await berth.ok(["send", "wide", "typed elsewhere", "--enter"]);
		await until(
			async () => shown().includes("typed elsewhere") && shown() === (await cropped()),
			"the pane follows",
		);
		expect(await worker("wide")).toMatchObject({ cols: 120, rows: 30 });
		tmux("send-keys", "C-\\");
		await until(() => shown().includes("[detached from wide]"), "it is detached");
	});
});

test("a suspended attach gives the terminal back, and takes it again when it is continued", async () => {
	await using terminal = await attached("suspended", "echo here; cat");
	await terminal.until("here");
	const pid = attachPid(berth, "suspended");
	const mark = terminal.mark;
	process.kill(pid, "SIGTSTP");
	await terminal.until(/\[1\]\+ +Stopped/, mark);
	expectRestored(terminal.since(mark));
	const again = terminal.mark;
	terminal.line("fg");
	await terminal.until("here", again);
	terminal.type("awake\n");
	await terminal.until(/awake\r\nawake\r\n/, again);
	terminal.type(DETACH);
	await terminal.until("[detached from suspended]", again);
});

test("a terminal that takes no output delays nobody, and leaving still works", async () => {
	await berth.ok(["new", "flood", "-d", "--", "sh", "-c", "read x; seq 2000000; echo over; cat"]);
	// Python's pty stays unread as long as nobody reads it: a terminal that is stopped.
	const stalled = Bun.spawn(
		[
			"/usr/bin/python3",
			"-c",
			`
import os, pty, sys, tty
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
tty.setraw(0) if os.isatty(0) else None
print(pid, flush=True)
sys.stdin.readline()
os.write(fd, b"\\x1c")
sys.stdin.readline()
tail = b""
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    tail = (tail + piece)[-4000:]
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
`,
			...program,
			"attach",
			"flood",
		],
		{ env: berth.env, cwd: berth.home, stdin: "pipe", stdout: "pipe" },
	);
	const said = stalled.stdout.getReader();
	const read = async () => new TextDecoder().decode((await said.read()).value).trim();
	const pid = Number(await read());
	await until(async () => (await worker("flood")).viewers + 1 > 0 && alive(pid), "it is attached");
	await berth.ok(["send", "flood", "", "--enter"]);
	await until(
		async () => (await berth.ok(["output", "flood", "-n", "1"])).includes("over"),
		"the program finished",
	);
	stalled.stdin.write("leave\n");
	stalled.stdin.flush();
	await until(() => !alive(pid), "attach has left although its terminal takes nothing");
	stalled.stdin.write("read\n");
	stalled.stdin.end();
	expect(await read()).toBe("0");
	await stalled.exited;
});
