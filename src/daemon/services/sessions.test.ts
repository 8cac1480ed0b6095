import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import type { BerthError } from "../../contract/errors.ts";
import { LOAD_MARGIN } from "../../platform/processes/testing.ts";
import { workers } from "../../store/schema.ts";
import { Control, eventually, runs, selfArgv } from "./testing.ts";

setDefaultTimeout(300_000);

async function codeOf(work: Promise<unknown>): Promise<string> {
	return await work.then(
		() => "no error",
		(error: BerthError) => error.code,
	);
}

describe("a new session", () => {
	test("runs when it is answered, in its directory, with who it is in its environment", async () => {
		await using control = await Control.start();
		const session = await control.script(
			'echo "$PWD $BERTH_SESSION $BERTH_WORKER $BERTH_SESSION_NAME $TERM $GIVEN" > env.new; mv env.new env; sleep 60',
			{ name: "api", env: { GIVEN: "yes" } },
		);
		expect(session.workers[0]).toMatchObject({ state: "running", generation: 1, exit: null });
		const told = join(control.home, "env");
		const text = await eventually(() => existsSync(told) && readFileSync(told, "utf8"), "the script told it");
		expect(text.trim()).toBe(
			`${control.home} ${session.id} ${session.workers[0]!.id} api xterm-256color yes`,
		);
	});

	test("without a name is called after its directory, and a second one gets a number", async () => {
		await using control = await Control.start();
		const cwd = join(control.home, "My App");
		mkdirSync(cwd);
		const names = [await control.script("sleep 60", { cwd }), await control.script("sleep 60", { cwd })].map(
			({ name }) => name,
		);
		expect(names).toEqual(["my-app", "my-app-2"]);
	});

	test("that cannot start is a clear error, and nothing half-made stays behind", async () => {
		await using control = await Control.start();
		const taken = await control.script("sleep 60", { name: "api", port: undefined });
		const stranger = createServer().listen(0, "127.0.0.1");
		await eventually(() => stranger.listening, "the stranger listens");
		const strangersPort = (stranger.address() as { port: number }).port;
		const { sessions } = control;
		expect(await codeOf(sessions.create({ cwd: "/no/such/folder" }))).toBe("invalid_cwd");
		expect(await codeOf(sessions.create({ cwd: "/etc/passwd" }))).toBe("invalid_cwd");
		expect(await codeOf(sessions.create({ cwd: "relative" }))).toBe("invalid_cwd");
		expect(await codeOf(sessions.create({ shell: "no-such-shell" }))).toBe("invalid_command");
		expect(await codeOf(sessions.create({ command: ["no-such-program"] }))).toBe("invalid_command");
		expect(await codeOf(sessions.create({ command: ["/etc/passwd"] }))).toBe("invalid_command");
		expect(await codeOf(sessions.create({ name: "list" }))).toBe("invalid_name");
		expect(await codeOf(sessions.create({ name: "api" }))).toBe("name_taken");
		expect(await codeOf(sessions.create({ port: taken.port! }))).toBe("port_taken");
		expect(await codeOf(sessions.create({ port: strangersPort }))).toBe("port_taken");
		stranger.close();
		expect(sessions.list(true).map(({ name }) => name)).toEqual(["api"]);
		expect(readdirSync(join(control.paths.state, "workers"))).toEqual([taken.workers[0]!.id]);
	});

	test("whose holder fails is rolled back whole", async () => {
		await using control = await Control.start();
		// Found by the look-up, refused by the kernel: an executable file that is no program.
		const broken = join(control.home, "broken");
		await Bun.write(broken, "\0not a program\0");
		await Bun.$`chmod +x ${broken}`;
		expect(await codeOf(control.sessions.create({ command: [broken], cwd: control.home, name: "api" }))).toBe(
			"invalid_command",
		);
		expect(control.sessions.list(true)).toEqual([]);
		expect(readdirSync(join(control.paths.state, "workers"))).toEqual([]);
		expect(readdirSync(control.paths.run)).toEqual([]);
		expect(await codeOf(control.script("sleep 60", { name: "api" }))).toBe("no error");
	});

	test("whose process has ended by the time it is answered tells its true exit", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 7");
		await eventually(() => control.state(session) === "exited", "it has exited");
		expect(control.sessions.get(session.id).workers[0]!.exit).toEqual({
			code: 7,
			signal: null,
			reason: "exited",
		});
	});

	test("is found by id, prefix, name and port", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 60", { name: "api", port: undefined });
		for (const ref of [session.id, session.id.slice(0, 6), "api", String(session.port)]) {
			expect(control.sessions.get(ref).id).toBe(session.id);
		}
		expect(() => control.sessions.get("s_")).toThrow("there is no session");
	});
});

describe("close and kill", () => {
	const tree = `
		nohup sleep 600 >/dev/null 2>&1 & echo $! > nohup.new; mv nohup.new nohup
		setsid sleep 600 & echo $! > setsid.new; mv setsid.new setsid
		(setsid env -i /bin/bash -c 'trap "" HUP; (echo $BASHPID > double.new; mv double.new double; exec sleep 600) & wait' &)
		echo $$ > ready.new; mv ready.new ready
		while :; do sleep 1; done`;

	for (const verb of ["close", "kill"] as const) {
		test(`after ${verb} nothing of the tree is left, and strangers live`, async () => {
			await using control = await Control.start();
			const stranger = Bun.spawn(["sleep", "600"], { cwd: control.home });
			const other = await control.script("sleep 600", { name: "other" });
			const session = await control.script(tree);
			const members = await Promise.all(
				["ready", "nohup", "setsid", "double"].map((name) => control.told(name)),
			);
			const from = performance.now();
			await control.sessions[verb](session.id);
			expect(members.map(runs)).toEqual([false, false, false, false]);
			expect(performance.now() - from).toBeLessThan(LOAD_MARGIN * (verb === "close" ? 10_000 : 2000));
			expect(control.sessions.get(session.id).workers[0]).toMatchObject({
				state: "exited",
				exit: { reason: verb === "close" ? "closed" : "killed" },
			});
			expect(stranger.exitCode).toBeNull();
			expect(runs(control.child(other))).toBe(true);
			stranger.kill();
		});

		test(`${verb} works on a session whose holder is stopped, and its exit is told truly`, async () => {
			await using control = await Control.start();
			const session = await control.script(
				"trap 'exit 5' HUP; echo $$ > ready; while :; do sleep 0.05; done",
			);
			const child = await control.told("ready");
			const holder = control.holder(session);
			process.kill(holder.pid, "SIGSTOP");
			const from = performance.now();
			await control.sessions[verb](session.id);
			expect(performance.now() - from).toBeLessThan(LOAD_MARGIN * (verb === "close" ? 10_000 : 2000));
			expect(runs(child)).toBe(false);
			expect(control.sessions.get(session.id).workers[0]!.exit).toEqual(
				verb === "close"
					? { code: 5, signal: null, reason: "closed" }
					: { code: null, signal: "KILL", reason: "killed" },
			);
			await eventually(() => !runs(holder), "the holder is gone");
		});

		test(`${verb} works on a session whose holder hangs and is never woken`, async () => {
			await using control = await Control.start();
			const session = await control.script(
				"trap 'exit 5' HUP; echo $$ > ready; while :; do sleep 0.05; done",
			);
			const child = await control.told("ready");
			const holder = control.holder(session);
			// Traced and stopped by a debugger: SIGCONT does nothing to it.
			const debuggerOf = Bun.spawn(["python3", "-c", HANG, String(holder.pid)], {
				stdout: "pipe",
				stderr: "inherit",
			});
			await debuggerOf.stdout.getReader().read();
			const from = performance.now();
			await control.sessions[verb](session.id);
			expect(performance.now() - from).toBeLessThan(LOAD_MARGIN * (verb === "close" ? 10_000 : 2000));
			expect(runs(child)).toBe(false);
			expect(control.sessions.get(session.id).workers[0]!.exit).toEqual(
				verb === "close"
					? { code: 5, signal: null, reason: "closed" }
					: { code: null, signal: "KILL", reason: "killed" },
			);
			debuggerOf.kill("SIGKILL");
			await eventually(() => !runs(holder), "the holder is gone");
		});
	}

	/** ptrace(PTRACE_SEIZE) and PTRACE_INTERRUPT of every thread, then holds on. */
	const HANG = `
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
for thread in os.listdir(f"/proc/{sys.argv[1]}/task"):
    assert libc.ptrace(0x4206, int(thread), None, None) == 0, ctypes.get_errno()
    assert libc.ptrace(0x4207, int(thread), None, None) == 0, ctypes.get_errno()
print("held", flush=True)
time.sleep(60)
`;

	test("a process that keeps leaving its parent and its environment behind does not get away", async () => {
		await using control = await Control.start();
		await Bun.write(
			join(control.home, "hop"),
			`trap '' HUP TERM; echo $$ > hops.new; mv hops.new hops; sleep 0.03; setsid env -i PATH="$PATH" HOME="$HOME" bash hop & exit`,
		);
		const session = await control.script(
			`setsid env -i PATH="$PATH" HOME="$HOME" bash hop & exec bash --norc -i`,
		);
		const hops = (): number => {
			const file = join(control.home, "hops");
			return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
		};
		const first = await eventually(() => hops() || null, "it has begun");
		await eventually(() => hops() !== first, "it hops");
		const holder = control.holder(session);
		await control.sessions.close(session.id);
		const last = hops();
		// The holder itself has still to see clients off.
		expect(control.processes().filter(({ pid }) => pid !== holder.pid)).toEqual([]);
		await Bun.sleep(200);
		expect(hops()).toBe(last);
	});

	test("a process that ignores HUP and TERM is killed at the deadline", async () => {
		await using control = await Control.start();
		const session = await control.script("trap '' HUP TERM; echo $$ > ready; while :; do sleep 1; done");
		const child = await control.told("ready");
		const from = performance.now();
		await control.sessions.close(session.id);
		expect(performance.now() - from).toBeLessThan(LOAD_MARGIN * 10_000);
		expect(runs(child)).toBe(false);
		expect(control.row(session)).toMatchObject({ exitSignal: "KILL", exitReason: "closed" });
	});

	for (const shell of ["bash", "zsh", "fish", "sh"]) {
		test.if(Bun.which(shell) !== null)(`an idle ${shell} is closed at its first hang-up`, async () => {
			await using control = await Control.start();
			const session = await control.sessions.create({ shell, cwd: control.home, port: null });
			await eventually(
				async () => (await control.sessions.holder(session.id).call("status", {}, 1000)).offset > 0,
				"it shows its prompt",
			);
			await control.sessions.close(session.id);
			expect(control.row(session)).toMatchObject({ state: "exited", exitReason: "closed" });
			// An interactive shell ignores TERM: what the later steps end has another signal.
			expect(["TERM", "KILL"]).not.toContain(control.row(session).exitSignal);
		});
	}

	test("a stopped process is closed", async () => {
		await using control = await Control.start();
		const session = await control.script("echo $$ > ready; sleep 600; sleep 600");
		const child = await control.told("ready");
		process.kill(child.pid, "SIGSTOP");
		await control.sessions.close(session.id);
		expect(runs(child)).toBe(false);
		expect(control.row(session)).toMatchObject({ exitSignal: "HUP", exitReason: "closed" });
	});

	test("stopping what has ended is a quiet success and changes nothing", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 3");
		await eventually(() => control.state(session) === "exited", "it has exited");
		await control.sessions.close(session.id);
		await control.sessions.kill(session.id);
		expect(control.row(session)).toMatchObject({ exitCode: 3, exitReason: "exited" });
	});

	test("what an ended session left running is ended by its close", async () => {
		await using control = await Control.start();
		const session = await control.script(
			"setsid nohup bash -c 'echo $$ > left; exec sleep 600' >/dev/null 2>&1 & until [ -s left ]; do sleep 0.01; done",
		);
		const left = await control.told("left");
		await eventually(() => control.state(session) === "exited", "it has exited");
		expect(runs(left)).toBe(true);
		await control.sessions.close(session.id);
		expect(runs(left)).toBe(false);
	});

	test("ten closes and a kill at once all succeed, and the kill overtakes", async () => {
		await using control = await Control.start();
		const session = await control.script("trap '' HUP TERM; echo $$ > ready; while :; do sleep 1; done");
		const child = await control.told("ready");
		const from = performance.now();
		const closes = Array.from({ length: 10 }, () => control.sessions.close(session.id));
		await Bun.sleep(50);
		await control.sessions.kill(session.id);
		await Promise.all(closes);
		expect(performance.now() - from).toBeLessThan(LOAD_MARGIN * 2000);
		expect(runs(child)).toBe(false);
		expect(control.row(session)).toMatchObject({ exitReason: "killed" });
	});
});

describe("restart", () => {
	test("keeps id, name, port, directory, environment and size, and counts the generation", async () => {
		await using control = await Control.start();
		const session = await control.script('echo "$GIVEN" > given.$$; echo $$ > ready; sleep 600', {
			name: "api",
			port: undefined,
			env: { GIVEN: "yes" },
			cols: 101,
			rows: 33,
			tags: ["a"],
		});
		const first = await control.told("ready");
		rmSync(join(control.home, "ready"));
		await control.sessions.holder("api").call("resize", { cols: 77, rows: 21 }, 1000);
		const answer = await control.sessions.restart("api");
		expect(answer).toMatchObject({ status: "restarted", port: session.port, name: "api", generation: 2 });
		const second = await control.told("ready");
		expect(runs(first)).toBe(false);
		expect(second.pid).not.toBe(first.pid);
		const after = control.sessions.get("api");
		expect(after).toMatchObject({ id: session.id, port: session.port, cwd: control.home, tags: ["a"] });
		expect(after.workers[0]).toMatchObject({
			state: "running",
			generation: 2,
			cols: 77,
			rows: 21,
			exit: null,
		});
		expect((await Bun.file(join(control.home, `given.${second.pid}`)).text()).trim()).toBe("yes");
	});

	test("works on what has ended, and joins one that is under way", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 4", { name: "api" });
		await eventually(() => control.state(session) === "exited", "it has exited");
		const [one, two] = await Promise.all([control.sessions.restart("api"), control.sessions.restart("api")]);
		expect([one.generation, two.generation]).toEqual([2, 2]);
	});

	test("without its directory is a clear error, and what runs runs on", async () => {
		await using control = await Control.start();
		const cwd = join(control.home, "gone");
		mkdirSync(cwd);
		const session = await control.script("cd /; echo $$ > $HOME/ready; sleep 600", { cwd });
		const child = await control.told("ready");
		rmSync(cwd, { recursive: true });
		expect(await codeOf(control.sessions.restart(session.id))).toBe("invalid_cwd");
		expect(control.state(session)).toBe("running");
		expect(runs(child)).toBe(true);
	});

	test("is called off by a close, and the late exit of the old process marks nothing", async () => {
		await using control = await Control.start();
		const session = await control.script("trap '' HUP TERM; echo $$ > ready; while :; do sleep 1; done");
		await control.told("ready");
		const restart = codeOf(control.sessions.restart(session.id));
		await eventually(() => control.state(session) === "stopping", "it is being stopped");
		await control.sessions.kill(session.id);
		expect(await restart).toBe("session_ended");
		expect(control.row(session)).toMatchObject({ state: "exited", exitReason: "killed", generation: 1 });
	});

	test("twenty in a row leave one holder, and its exits are never taken for the next one's", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { port: null });
		for (let round = 0; round < 20; round++) await control.sessions.restart(session.id);
		expect(control.row(session)).toMatchObject({ state: "running", generation: 21 });
		await eventually(
			() => control.processes().filter(({ pid }) => pid !== control.child(session).pid).length <= 1,
			"the old holders are gone",
		);
		expect(control.state(session)).toBe("running");
	});
});

describe("the daemon's absence", () => {
	test("holders are adopted, exits are found, and what died without a word is lost", async () => {
		await using control = await Control.start();
		const [runsOn, ends, dies] = [
			await control.script("sleep 600", { name: "runs-on" }),
			await control.script("while [ ! -e go ]; do sleep 0.02; done; exit 9", { name: "ends" }),
			await control.script("sleep 600", { name: "dies" }),
		];
		const [endsHolder, diesHolder, diesChild] = [
			control.holder(ends),
			control.holder(dies),
			control.child(dies),
		];
		await control.end();
		await Bun.write(join(control.home, "go"), "");
		process.kill(diesHolder.pid, "SIGKILL");
		await eventually(
			() => !runs(endsHolder) && !runs(diesHolder) && !runs(diesChild),
			"both holders are gone",
		);
		expect(await control.begin()).toMatchObject({ adopted: 1, exited: 1, lost: 1 });
		expect(control.state(runsOn)).toBe("running");
		expect(control.row(ends)).toMatchObject({ state: "exited", exitCode: 9, exitReason: "exited" });
		expect(control.row(dies)).toMatchObject({ state: "lost", exitReason: "lost" });
		await control.sessions.holder("runs-on").call("input", { data: btoa("x") }, 1000);
	});

	test("after a reboot every session is lost, and a restart brings each back in its directory", async () => {
		await using control = await Control.start();
		const all = [];
		for (let count = 0; count < 3; count++) {
			const cwd = join(control.home, `d${count}`);
			mkdirSync(cwd);
			all.push(
				await control.script("pwd > where.new; mv where.new where; sleep 600", { cwd, port: undefined }),
			);
		}
		const holders = all.map((session) => control.holder(session));
		await control.end();
		for (const { pid } of holders) process.kill(pid, "SIGKILL");
		await eventually(() => !holders.some(runs), "all holders are gone");
		for (const { cwd } of all) rmSync(join(cwd, "where"), { force: true });
		expect(await control.begin()).toMatchObject({ lost: 3 });
		for (const session of all) {
			expect(await control.sessions.restart(session.id)).toMatchObject({ port: session.port, generation: 2 });
			const where = join(session.cwd, "where");
			await eventually(() => existsSync(where), "it told where it is");
			expect(readFileSync(where, "utf8").trim()).toBe(session.cwd);
		}
	});

	test("a holder that is stopped stays running, is never lost, and is there again when it wakes", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600");
		const holder = control.holder(session);
		await control.end();
		process.kill(holder.pid, "SIGSTOP");
		expect(await control.begin()).toMatchObject({ silent: 1 });
		expect(control.state(session)).toBe("running");
		expect(() => control.sessions.holder(session.id)).toThrow("does not answer");
		process.kill(holder.pid, "SIGCONT");
		await eventually(() => {
			try {
				return control.sessions.holder(session.id);
			} catch {
				return null;
			}
		}, "the holder is there again");
		expect(control.sessions.worker(session.id)).toMatchObject({
			state: "running",
			pid: control.child(session).pid,
		});
	});

	test("a stopped holder that was not reached yet is closed all the same", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600");
		const [holder, child] = [control.holder(session), control.child(session)];
		await control.end();
		process.kill(holder.pid, "SIGSTOP");
		await control.begin();
		await control.sessions.close(session.id);
		expect(runs(child)).toBe(false);
		expect(control.row(session)).toMatchObject({ state: "exited", exitReason: "closed" });
	});

	test("a start that the last daemon did not finish is finished when its holder is there, and failed when it is not", async () => {
		await using control = await Control.start();
		const [there, gone] = [await control.script("sleep 600"), await control.script("sleep 600")];
		const goneHolder = control.holder(gone);
		const child = control.child(there);
		const unfinished = {
			state: "starting" as const,
			holderPid: null,
			holderStart: null,
			pid: null,
			bootId: null,
		};
		for (const session of [there, gone]) {
			const { id } = control.row(session);
			const deadlineAt = Date.now() + (session === there ? 10_000 : 300);
			control.store.bookkeep(({ tx }) =>
				tx
					.update(workers)
					.set({ ...unfinished, deadlineAt })
					.where(eq(workers.id, id))
					.run(),
			);
		}
		await control.end();
		process.kill(goneHolder.pid, "SIGKILL");
		await eventually(() => !runs(goneHolder), "its holder is gone");
		expect(await control.begin()).toMatchObject({ adopted: 1, failed: 1 });
		expect(control.row(there)).toMatchObject({
			state: "running",
			pid: child.pid,
			holderPid: expect.any(Number),
		});
		await eventually(() => control.state(gone) === "exited", "it has failed");
		expect(control.row(gone)).toMatchObject({ exitReason: "failed", deadlineAt: null });
		// A holder of that start that was only now getting round to it does not begin.
		const late = Bun.spawn([...selfArgv, "holder", control.row(gone).id], {
			env: control.env,
			stdout: "pipe",
			stderr: "ignore",
		});
		expect(await new Response(late.stdout).text()).toContain('"ready":false');
		expect(await late.exited).toBe(1);
	});

	test("fifty holders are adopted, every one", async () => {
		await using control = await Control.start();
		for (let batch = 0; batch < 10; batch++) {
			await Promise.all(Array.from({ length: 5 }, () => control.script("sleep 600")));
		}
		await control.end();
		expect(await control.begin()).toMatchObject({ adopted: 50, lost: 0 });
		await Promise.all(control.sessions.list(false).map(({ id }) => control.sessions.kill(id)));
	});
});

describe("a holder that dies", () => {
	test("its session is lost at once, its tree is ended, and it can be restarted", async () => {
		await using control = await Control.start();
		const session = await control.script(
			"trap '' HUP; nohup sleep 600 & echo $! > job; echo $$ > ready; while :; do sleep 1; done",
		);
		const members = [await control.told("ready"), await control.told("job")];
		process.kill(control.holder(session).pid, "SIGKILL");
		await eventually(() => control.state(session) === "lost", "it is lost");
		await eventually(() => !members.some(runs), "its tree is ended");
		expect(await control.sessions.restart(session.id)).toMatchObject({ generation: 2 });
		expect(control.state(session)).toBe("running");
	});
});

describe("forgetting", () => {
	test("an ended session goes with its journal; a running one is refused", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600");
		expect(await codeOf(control.sessions.remove(session.id))).toBe("session_running");
		await control.sessions.kill(session.id);
		await control.sessions.remove(session.id);
		expect(control.sessions.list(true)).toEqual([]);
		expect(readdirSync(join(control.paths.state, "workers"))).toEqual([]);
		expect(await codeOf((async () => control.sessions.get(session.id))())).toBe("session_not_found");
	});
});

describe("a removal that a crash interrupted", () => {
	test("is finished when it was committed, and undone when it was not", async () => {
		await using control = await Control.start();
		const kept = await control.script("exit 0");
		await eventually(() => control.state(kept) === "exited", "it has exited");
		await control.end();
		const folder = join(control.paths.state, "workers");
		const { id } = kept.workers[0]!;
		renameSync(join(folder, id), join(folder, `${id}.removed`));
		mkdirSync(join(folder, "w_committed0.removed", "g1"), { recursive: true });
		await control.begin();
		expect(readdirSync(folder)).toEqual([id]);
		expect(control.sessions.spec(kept.id).workerId).toBe(id);
	});
});

describe("signal", () => {
	test("reaches the foreground process group, also when the holder is stopped", async () => {
		await using control = await Control.start();
		const session = await control.script(
			"trap 'echo got > got' USR1; echo $$ > ready; while :; do sleep 0.02; done",
		);
		const child = await control.told("ready");
		process.kill(control.holder(session).pid, "SIGSTOP");
		expect(await control.sessions.signal(session.id, "USR1")).toEqual({ pgid: child.pid });
		await eventually(() => existsSync(join(control.home, "got")), "the signal arrived");
		await control.sessions.kill(session.id);
		expect(await codeOf(control.sessions.signal(session.id, "USR1"))).toBe("session_ended");
	});
});
