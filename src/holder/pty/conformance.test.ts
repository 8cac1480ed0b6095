/**
 * One suite, both drivers. What a driver says it cannot do (`limits`) is run as a test that must fail, so that the day it can, the
 * suite says so.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import { readProcess } from "../../platform/processes/index.ts";
import type { Pty, PtyDriver, PtyExit, PtyOptions } from "./driver.ts";
import { ptyDriver } from "./index.ts";

const LIMIT_MS = 20_000;
/** Far more than the kernel and one wake-up hold between the two ends of a terminal. */
const FLOOD_BYTES = 4_000_000;
const dir = mkdtempSync(join(realpathSync(tmpdir()), "berth-pty-"));
const allBytes = Uint8Array.from({ length: 256 }, (_, value) => value);
const path = (name: string) => join(dir, name);
const onLinux = process.platform === "linux";

beforeAll(() => {
	writeFileSync(path("all-bytes"), allBytes);
	writeFileSync(path("flood"), Buffer.alloc(FLOOD_BYTES, "flood"));
	writeFileSync(path("plain.txt"), "no program");
	writeFileSync(path("no-format"), "neither script nor program");
	writeFileSync(path("lost-interpreter"), "#!/nowhere/sh\n");
	writeFileSync(path("tool"), '#!/bin/sh\nprintf "tool in %s with %s" "$PWD" "$1"\n');
	mkdirSync(path("folder"));
	for (const name of ["no-format", "lost-interpreter", "tool"]) chmodSync(path(name), 0o755);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function until(condition: () => boolean, what: string): Promise<void> {
	const end = performance.now() + LIMIT_MS;
	while (!condition()) {
		if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
		await Bun.sleep(5);
	}
}

const openDescriptors = () => readdirSync("/dev/fd").length;
const isAlive = (pid: number) => {
	const info = readProcess(pid);
	return info !== null && !info.ended;
};

/** A process in a terminal with everything it printed. */
class Running {
	readonly pty: Pty;
	readonly exit: Promise<PtyExit>;
	exits = 0;
	length = 0;
	#chunks: Buffer[] = [];

	constructor(driver: PtyDriver, argv: string[], options: Partial<PtyOptions> & { chunk?: () => void } = {}) {
		const { promise, resolve } = Promise.withResolvers<PtyExit>();
		this.exit = promise;
		this.pty = driver.spawn({
			argv,
			cwd: dir,
			env: { PATH: "/usr/bin:/bin" },
			cols: 80,
			rows: 24,
			onData: (bytes) => {
				this.#chunks.push(Buffer.from(bytes));
				this.length += bytes.length;
				options.chunk?.();
			},
			onExit: (exit) => {
				this.exits++;
				resolve(exit);
			},
			...options,
		});
		running.push(this);
	}

	get bytes(): Buffer {
		return Buffer.concat(this.#chunks);
	}
	get text(): string {
		return this.bytes.toString();
	}
	prints(text: string): Promise<void> {
		return until(
			() => this.text.includes(text),
			`${JSON.stringify(text)} in ${JSON.stringify(this.text.slice(-500))}`,
		);
	}
	type(text: string): void {
		this.pty.write(Buffer.from(text));
	}
	/** The number that the process printed after `pid=`. */
	async printedPid(): Promise<number> {
		await until(() => /pid=\d+\r/.test(this.text), "a pid");
		const pid = Number(/pid=(\d+)/.exec(this.text)![1]);
		strays.push(pid);
		return pid;
	}
}

const running: Running[] = [];
/** Processes that a test left behind on purpose. */
const strays: number[] = [];

afterEach(async () => {
	for (const each of running.splice(0)) {
		if (each.exits === 0) {
			if (isAlive(each.pty.pid)) process.kill(each.pty.pid, "SIGKILL");
			await each.exit;
		}
		each.pty.close();
	}
	for (const pid of strays.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
});

const drivers = [await ptyDriver("bun", path("cache")), await ptyDriver("bun-pty", path("cache"))];

test("both drivers are there under their own names", () => {
	expect(drivers.map((driver) => driver.name)).toEqual(["bun", "bun-pty"]);
});

for (const driver of drivers) {
	const sh = (script: string, options?: ConstructorParameters<typeof Running>[2]) =>
		new Running(driver, ["/bin/sh", "-c", script], options);
	/** A test of something that the driver may declare that it cannot do. */
	const where = (able: boolean) => (able ? test : test.failing);

	describe(driver.name, () => {
		describe("bytes", () => {
			where(driver.limits.exactBytes)("every byte value arrives as it was printed", async () => {
				const cat = sh("stty raw -echo; cat all-bytes");
				await cat.exit;
				expect(cat.bytes).toEqual(Buffer.from(allBytes));
			});

			where(driver.limits.exactBytes)("every byte value is typed as it was given", async () => {
				const head = sh("stty raw -echo; printf ready; head -c 256 > typed; printf done");
				await head.prints("ready");
				head.pty.write(allBytes);
				await head.prints("done");
				expect(readFileSync(path("typed"))).toEqual(Buffer.from(allBytes));
			});

			where(driver.limits.exactBytes)("invalid UTF-8 and a character cut in two pass unchanged", async () => {
				const split = sh("stty raw -echo; printf '\\377\\376\\200\\342\\202'; sleep 0.1; printf '\\254'");
				await split.exit;
				expect(split.bytes).toEqual(Buffer.from([0xff, 0xfe, 0x80, 0xe2, 0x82, 0xac]));
			});

			test("a megabyte typed ahead arrives whole at a process that reads late", async () => {
				const input = Buffer.alloc(1_000_000);
				for (let i = 0; i < input.length; i += 4) input.writeUInt32LE(i, i);
				const late = sh("stty raw -echo; printf ready; (sleep 0.2; head -c 1000000) > late; printf done");
				await late.prints("ready");
				late.pty.write(input);
				await late.prints("done");
				expect(readFileSync(path("late")).equals(input)).toBe(true);
			});

			where(driver.limits.backpressure)("a process stops writing while the reader is busy", async () => {
				const finished = path(`finished-${driver.name}`);
				const finishedMeanwhile: boolean[] = [];
				const cat: Running = sh(`stty raw -echo; cat flood; : > ${finished}`, {
					chunk: () => {
						if (finishedMeanwhile.length > 0 || cat.length < 100_000) return;
						for (let i = 0; i < 100 && !existsSync(finished); i++) Bun.sleepSync(10);
						finishedMeanwhile.push(existsSync(finished));
					},
				});
				await cat.exit;
				expect(cat.length).toBe(FLOOD_BYTES);
				expect(finishedMeanwhile).toEqual([false]);
			});
		});

		describe("an echo that is waited for", () => {
			test("comes once, and before the wait is over where the driver can do that", async () => {
				const cat = sh("stty raw -echo; printf ready; exec cat");
				await cat.prints("ready");
				let atOnce = 0;
				const keys = 500;
				for (let key = 0; key < keys; key++) {
					const before = cat.length;
					cat.type(String(key % 10));
					cat.pty.awaitEcho?.();
					if (cat.length > before) atOnce++;
					await until(() => cat.length > before, "the echo");
				}
				const typed = Array.from({ length: keys }, (_, key) => key % 10).join("");
				expect(cat.text).toBe(`ready${typed}`);
				expect(atOnce > 0).toBe(onLinux && driver.name === "bun");
			});

			test("takes nothing from other output and gives none twice, in a flood and at its end", async () => {
				const lines = 200_000;
				const flood = sh(`stty -echo; printf ready; seq ${lines}`);
				await flood.prints("ready");
				while (flood.exits === 0) {
					flood.type("k");
					flood.pty.awaitEcho?.();
					await Bun.sleep(0);
				}
				flood.pty.awaitEcho?.();
				const numbers = Array.from({ length: lines }, (_, at) => `${at + 1}\r\n`);
				expect(flood.text === `ready${numbers.join("")}`).toBe(true);
			});
		});

		describe("flood", () => {
			/** A reader slower than the process: 1 ms for 64 KB. */
			const slowly = (length: number) => Bun.sleepSync(Math.ceil(length / 65_536));

			test.skipIf(!onLinux)(
				"timers, sockets and input get their turn at least once per megabyte",
				async () => {
					let sinceTurn = 0;
					let most = 0;
					let seen = 0;
					const turn = () => {
						most = Math.max(most, sinceTurn);
						sinceTurn = 0;
						if (flood.exits === 0) setImmediate(turn);
					};
					const flood: Running = sh("stty raw -echo; cat flood flood flood flood", {
						chunk: () => {
							sinceTurn += flood.length - seen;
							slowly(flood.length - seen);
							seen = flood.length;
						},
					});
					turn();
					await flood.exit;
					expect(flood.length).toBe(4 * FLOOD_BYTES);
					expect(Math.max(most, sinceTurn)).toBeLessThanOrEqual(1024 * 1024);
				},
			);

			test("of short lines is whole, line ends included, however often others get their turn", async () => {
				const lines = 2_000_000;
				const flood = sh(`yes | head -n ${lines}`, { chunk: () => slowly(1) });
				await flood.exit;
				expect(flood.length).toBe(lines * "y\r\n".length);
			});

			test("Ctrl-S holds it, Ctrl-Q lets it go on, Ctrl-C ends it", async () => {
				const flood = sh("while :; do cat flood; done", { chunk: () => slowly(65_536) });
				await until(() => flood.length > FLOOD_BYTES, "the flood");
				for (let round = 0; round < 3; round++) {
					flood.type("\x13");
					let before = -1;
					await until(() => {
						const still = flood.length === before;
						before = flood.length;
						Bun.sleepSync(30);
						return still;
					}, "silence");
					flood.type("\x11");
					await until(() => flood.length > before + FLOOD_BYTES, "the flood to go on");
				}
				flood.type("\x03");
				const exit = await flood.exit;
				expect(exit.code).toBeNull();
			});

			test("a flooding child of another session does not keep the exit away", async () => {
				const parent = sh("setsid sh -c 'echo pid=$$; exec yes' & sleep 0.2; exit 5", {
					chunk: () => slowly(65_536),
				});
				await parent.printedPid();
				expect(await parent.exit).toEqual({ code: 5, signal: null });
			});
		});

		describe("exit", () => {
			test("the exit code is the process's own", async () => {
				for (const code of [0, 7, 255]) expect(await sh(`exit ${code}`).exit).toEqual({ code, signal: null });
			});

			where(driver.limits.signals)("an exit by signal is told as that signal", async () => {
				expect(await sh("kill -9 $$").exit).toEqual({ code: null, signal: "KILL" });
				expect(await sh("kill -TERM $$").exit).toEqual({ code: null, signal: "TERM" });
				expect(await sh("exit 1").exit).toEqual({ code: 1, signal: null });
			});

			test("an exit by signal is never told as an exit code", async () => {
				expect((await sh("kill -9 $$").exit).code).toBeNull();
			});

			test("every byte of a megabyte printed just before the exit arrives before the exit is told", async () => {
				for (let i = 0; i < 5; i++) {
					const printer = sh("head -c 1000000 /dev/zero | tr '\\0' a");
					await printer.exit;
					expect(printer.length).toBe(1_000_000);
				}
			});

			test("a reader that is slow until after the exit still gets every byte first", async () => {
				const printer = sh("stty raw -echo; head -c 300000 /dev/zero", { chunk: () => Bun.sleepSync(20) });
				await printer.exit;
				expect(printer.length).toBe(300_000);
			});

			test("processes that end at once are each told once", async () => {
				const many = Array.from({ length: 20 }, () => new Running(driver, ["true"]));
				for (const each of many) expect(await each.exit).toEqual({ code: 0, signal: null });
				expect(many.map((each) => each.exits)).toEqual(Array(20).fill(1));
			});

			test("a silent child that keeps the terminal open delays the exit only briefly", async () => {
				const parent = sh("trap '' HUP; sleep 60 & echo pid=$!; read go; exit 5");
				const child = await parent.printedPid();
				parent.type("\r");
				expect(await parent.exit).toEqual({ code: 5, signal: null });
				expect(isAlive(child)).toBe(true);
			});

			test("a child of another session that prints on and on delays the exit only briefly", async () => {
				const parent = sh(
					"setsid sh -c 'echo pid=$$; while :; do echo more; sleep 0.01; done' & sleep 0.2; exit 5",
				);
				const chatterer = await parent.printedPid();
				expect(await parent.exit).toEqual({ code: 5, signal: null });
				expect(isAlive(chatterer)).toBe(true);
			});

			test("a process that closed its own terminal descriptors is not taken for ended", async () => {
				const hidden = sh("exec </dev/null >/dev/null 2>&1; sleep 0.2; echo back >/dev/tty; exit 3");
				expect(await hidden.exit).toEqual({ code: 3, signal: null });
				expect(hidden.text).toContain("back");
			});
		});

		describe("terminal", () => {
			test("the size is there from the start, and a change of size is signalled", async () => {
				const sized = sh("trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.02; done", {
					cols: 101,
					rows: 37,
				});
				await sized.prints("ready");
				expect(sized.text).toStartWith("37 101\r\n");
				sized.pty.resize(132, 43);
				await sized.prints("43 132");
			});

			test("it is the controlling terminal of a session that the process leads", async () => {
				const leader = sh("echo through >/dev/tty; cat");
				await leader.prints("through");
				const info = readProcess(leader.pty.pid)!;
				expect([info.sid, info.pgid]).toEqual([leader.pty.pid, leader.pty.pid]);
			});

			test("the foreground group is the shell, then its job, then the shell again", async () => {
				const shell = new Running(driver, ["bash", "--norc", "--noprofile", "-i"], {
					env: { PATH: "/usr/bin:/bin", PS1: "prompt> " },
				});
				await shell.prints("prompt> ");
				expect(shell.pty.foregroundGroup()).toBe(shell.pty.pid);
				shell.type("sleep 60\r");
				await until(
					() => readProcess(shell.pty.foregroundGroup() ?? 0)?.comm === "sleep",
					"sleep in the foreground",
				);
				shell.type("\x03");
				await until(() => shell.pty.foregroundGroup() === shell.pty.pid, "the shell in the foreground");
				shell.type("exit 4\r");
				expect(await shell.exit).toEqual({ code: 4, signal: null });
				expect(shell.pty.foregroundGroup()).toBeNull();
			});

			test("closing it hangs up the process, and closing twice or using it afterwards does nothing", async () => {
				const cat = sh("echo ready; cat");
				await cat.prints("ready");
				cat.pty.close();
				await cat.exit;
				expect(isAlive(cat.pty.pid)).toBe(false);
				const length = cat.length;
				cat.pty.close();
				cat.pty.write(Buffer.from("nobody"));
				cat.pty.resize(10, 10);
				expect(cat.pty.foregroundGroup()).toBeNull();
				expect([cat.length, cat.exits]).toEqual([length, 1]);
			});

			test("closing it hangs up the foreground's other processes as well", async () => {
				const parent = sh("sleep 60 & echo pid=$!; wait");
				const job = await parent.printedPid();
				parent.pty.close();
				await parent.exit;
				const end = performance.now() + 2000;
				while (isAlive(job) && performance.now() < end) await Bun.sleep(5);
				expect(isAlive(job)).toBe(false);
			});
		});

		describe("start", () => {
			test("the environment is exactly the one given", async () => {
				const env = {
					PATH: "/usr/bin:/bin",
					SHELL: "/bin/sh",
					QUOTES: "a 'b' \"c\" $HOME\nnext",
					EMPTY: "",
					WIDE: "ü→漢",
				};
				const printed = new Running(driver, ["/bin/sh", "-c", "stty raw; exec /usr/bin/env -0"], { env });
				await printed.exit;
				const entries = printed.text.split("\0").slice(0, -1);
				// The shell in between adds its own directory and name.
				const given = entries.filter((entry) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(entry)).sort();
				expect(given).toEqual(
					Object.entries(env)
						.map(([name, value]) => `${name}=${value}`)
						.sort(),
				);
			});

			where(driver.limits.exactEnvironment)(
				"nothing is added to an environment of one variable",
				async () => {
					const direct = new Running(driver, ["env"], { env: { PATH: "/usr/bin:/bin" } });
					await direct.exit;
					expect(direct.text).toBe("PATH=/usr/bin:/bin\r\n");
				},
			);

			test("arguments reach the program as they were given", async () => {
				const words = ["a b", "'", '"', "$HOME", "\\", "", "two\nlines", "*", "-n", "ü→漢", "`id`", "!x"];
				const printed = new Running(driver, ["/bin/sh", "-c", 'stty raw; printf "%s|" "$@"', "sh", ...words]);
				await printed.exit;
				expect(printed.text).toBe(words.map((word) => `${word}|`).join(""));
			});

			test("a program is found in the given PATH, or from the given directory when it has a slash", async () => {
				const byPath = new Running(driver, ["tool", "x"], {
					cwd: path("folder"),
					env: { PATH: `/usr/bin:/bin:${dir}` },
				});
				await byPath.exit;
				expect(byPath.text).toBe(`tool in ${path("folder")} with x`);
				const byDirectory = new Running(driver, ["../tool", "y"], { cwd: path("folder") });
				await byDirectory.exit;
				expect(byDirectory.text).toBe(`tool in ${path("folder")} with y`);
			});

			test("what cannot be started is refused with the reason, and leaves nothing behind", () => {
				const refusals: [Partial<PtyOptions>, string, string][] = [
					[{ cwd: path("missing") }, "invalid_cwd", "does not exist"],
					[{ cwd: path("plain.txt") }, "invalid_cwd", "is not a directory"],
					[{ argv: ["no-such-program"] }, "invalid_command", "was not found in PATH"],
					[{ argv: [path("missing")] }, "invalid_command", "does not exist"],
					[{ argv: [path("plain.txt")] }, "invalid_command", "is not executable"],
					[{ argv: [path("folder")] }, "invalid_command", "is a directory"],
					[{ argv: [path("lost-interpreter")] }, "invalid_command", "/nowhere/sh"],
					[{ argv: [] }, "invalid_command", "empty"],
					[{ argv: ["true", "a\0b"] }, "invalid_command", "NUL"],
					[{ env: { "A=B": "c" } }, "bad_request", "A=B"],
				];
				const before = openDescriptors();
				for (const [options, code, reason] of refusals) {
					let thrown: unknown;
					try {
						new Running(driver, ["true"], options);
					} catch (error) {
						thrown = error;
					}
					expect(thrown).toBeInstanceOf(BerthError);
					expect((thrown as BerthError).code).toBe(code as BerthError["code"]);
					expect((thrown as BerthError).message).toContain(reason);
				}
				expect(openDescriptors()).toBeLessThanOrEqual(before);
			});

			test.skipIf(!onLinux)("the process inherits no descriptor and ignores no common signal", async () => {
				const probe = sh("ls /proc/self/fd | tr '\\n' ' '; grep -E 'SigIgn|SigBlk' /proc/self/status");
				await probe.exit;
				expect(probe.text).toStartWith("0 1 2 3 ");
				expect(probe.text).toContain("SigBlk:\t0000000000000000");
				const ignored = Number(`0x${/SigIgn:\t(\w+)/.exec(probe.text)![1]}`);
				// HUP, INT, QUIT, PIPE, TERM, CHLD
				for (const signal of [1, 2, 3, 13, 15, 17]) expect(ignored & (1 << (signal - 1))).toBe(0);
			});

			test("three hundred processes leave no descriptor and no process", async () => {
				const warmUp = new Running(driver, ["true"]);
				await warmUp.exit;
				warmUp.pty.close();
				await until(() => !isAlive(warmUp.pty.pid), "the first process to be gone");
				const before = openDescriptors();
				for (let batch = 0; batch < 30; batch++) {
					const ten = Array.from({ length: 10 }, () => new Running(driver, ["true"]));
					for (const each of ten) {
						await each.exit;
						each.pty.close();
						expect(readProcess(each.pty.pid)).toBeNull();
					}
					running.length = 0;
				}
				await until(() => openDescriptors() <= before, "descriptors to be closed");
			}, 300_000);
		});
	});
}
