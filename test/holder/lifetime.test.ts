import { expect, test } from "bun:test";
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HolderClient } from "../../src/link/client.ts";
import { alive, program, until } from "../support/berth.ts";
import { Home, NONCE, readyLine, WORKER } from "../support/holder.ts";

test("a holder outlives the process that started it, with everything that is in it", async () => {
	await using home = new Home();
	const spec = home.spec({ argv: ["/bin/sh", "-c", "echo started; exec sleep 600"] });
	home.writeSpec(spec);
	// A starter of its own, killed with -9 as soon as it has read the line.
	const starter = Bun.spawn(
		[
			process.execPath,
			"-e",
			`const child = Bun.spawn(${JSON.stringify([...program, "holder", WORKER])},
				{ env: ${JSON.stringify(home.env)}, detached: true, stdin: "ignore", stdout: "pipe", stderr: "ignore" });
			console.log(JSON.stringify({ holder: child.pid, line: await new Response(child.stdout).text() }));
			setInterval(() => {}, 1000);`,
		],
		{ stdout: "pipe", stdin: "ignore" },
	);
	const reader = starter.stdout.getReader();
	const { holder, line } = JSON.parse(new TextDecoder().decode((await reader.read()).value)) as {
		holder: number;
		line: string;
	};
	const { pid } = JSON.parse(line) as { pid: number };
	home.adopt(holder);
	home.adopt(pid);
	starter.kill("SIGKILL");
	await starter.exited;

	const client = await HolderClient.connect(spec.socketPath);
	expect(await client.identify(5000)).toMatchObject({ workerId: WORKER, holderPid: holder, nonce: NONCE });
	await until(
		async () => (await client.call("screen", { format: "text" }, 5000)).lines[0] === "started",
		"the output is there",
	);
	expect(alive(pid)).toBe(true);
	client.close();
});

test("after the ready line the holder holds nothing of its starter's: no pipe, no directory, no marks in its environment", async () => {
	await using home = new Home();
	const holder = await home.start();
	const proc = `/proc/${holder.holderPid}`;
	await until(() => readlinkSync(`${proc}/fd/1`) === "/dev/null", "standard output is let go");
	expect(readlinkSync(`${proc}/fd/0`)).toBe("/dev/null");
	expect(readlinkSync(`${proc}/cwd`)).toBe("/");
	expect(readFileSync(`${proc}/environ`, "utf8")).not.toContain("BERTH_WORKER");
	const child = `/proc/${holder.pid}`;
	// Empty for the moment in which the process becomes the program.
	await until(() => readFileSync(`${child}/environ`, "utf8").includes(`BERTH_WORKER=${WORKER}`), "the mark");
	expect(readFileSync(`${proc}/cmdline`, "utf8").replaceAll("\0", " ")).toContain(`holder ${WORKER}`);
});

test("the socket is its owner's alone, from the first moment", async () => {
	await using home = new Home();
	const holder = await home.start();
	expect(statSync(holder.spec.socketPath).mode & 0o777).toBe(0o600);
});

test("the exit record is on disk before anybody is told, and then nothing of the holder is left", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/sh", "-c", "read line; echo bye; exit 7"] });
	const told: (object | null)[] = [];
	const client = await holder.connect((notice) => {
		if (notice.kind === "exit") told.push(holder.exitRecord());
	});
	client.subscribe();
	const attached = await holder.attach();
	await attached.greeted();
	attached.type("go\r");
	await until(() => told.length > 0, "the subscriber is told");
	expect(told[0]).toMatchObject({ code: 7, signal: null, reason: "exited", workerId: WORKER, generation: 1 });
	await until(() => attached.closed, "the attached client's stream ends");
	expect(attached.of("exit")).toEqual([{ type: "exit", code: 7, signal: null, reason: "exited" }]);
	expect(attached.seen).toContain("bye");
	expect(await holder.process.exited).toBe(0);
	expect(existsSync(holder.spec.socketPath)).toBe(false);
});

test("an exit by signal is reported as that signal, with the reason that was announced", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/sleep", "600"] });
	const client = await holder.connect();
	await client.call("intent", { reason: "killed" }, 5000);
	process.kill(holder.pid, "SIGKILL");
	await holder.process.exited;
	expect(holder.exitRecord()).toMatchObject({ code: null, signal: "KILL", reason: "killed" });
});

test("SIGTERM to a holder hangs its process up and leaves a record; hang-up and interrupt end nothing", async () => {
	await using home = new Home();
	const holder = await home.start({
		argv: ["/bin/sh", "-c", "trap 'echo got-hup; exit 3' HUP; echo armed; while :; do sleep 0.05; done"],
	});
	const attached = await holder.attach();
	await attached.sees("armed");
	for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT"] as const) process.kill(holder.holderPid, signal);
	const client = await holder.connect();
	expect((await client.call("status", {}, 5000)).exit).toBeNull();
	process.kill(holder.holderPid, "SIGTERM");
	await attached.sees("got-hup");
	await holder.process.exited;
	expect(holder.exitRecord()).toMatchObject({ code: 3, reason: "stopped" });
});

test("a socket that a dead holder left is replaced, one of a living holder never", async () => {
	await using home = new Home();
	const first = await home.start({ argv: ["/bin/sleep", "600"] });
	const second = await readyLine(home.spawn([WORKER]).stdout);
	expect(second).toMatchObject({ ready: false, problem: { code: "session_running" } });
	const client = await first.connect();
	expect((await client.identify(5000)).holderPid).toBe(first.holderPid);

	process.kill(first.holderPid, "SIGKILL");
	await first.process.exited;
	expect(existsSync(first.spec.socketPath)).toBe(true);
	const third = await home.start({ generation: 2 });
	const again = await third.connect();
	expect(await again.identify(5000)).toMatchObject({ holderPid: third.holderPid, generation: 2 });
});

test("a next generation starts at once while clients of the last one still drain", async () => {
	await using home = new Home();
	const first = await home.start({
		argv: ["/bin/sh", "-c", "read x; head -c 3000000 /dev/zero | tr '\\0' x"],
	});
	const stalled = await first.attach();
	await stalled.greeted();
	stalled.type("\r");
	stalled.pause();
	await until(() => first.exitRecord(), "the first generation has ended");
	const second = await home.start({ generation: 2 });
	const client = await second.connect();
	expect((await client.identify(5000)).generation).toBe(2);
	stalled.close();
	await first.process.exited;
	expect(existsSync(second.spec.socketPath)).toBe(true);
});

test.each([
	["a missing program", { argv: ["/nowhere/at-all"] }, "invalid_command"],
	["a missing directory", { cwd: "/nowhere/at-all" }, "invalid_cwd"],
] as const)("%s is told in the line, and no process and no socket stay", async (_, change, code) => {
	await using home = new Home();
	const spec = home.spec({ ...change, argv: "argv" in change ? [...change.argv] : ["/bin/sh"] });
	home.writeSpec(spec);
	const child = home.spawn([WORKER]);
	expect(await readyLine(child.stdout)).toMatchObject({ ready: false, problem: { code } });
	expect(await child.exited).toBe(1);
	expect(existsSync(spec.socketPath)).toBe(false);
});

test("a taken port is told in the line before anything is started", async () => {
	await using home = new Home();
	using other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
	const marker = join(home.path, "ran");
	home.writeSpec(home.spec({ port: other.port, argv: ["/bin/sh", "-c", `touch ${marker}`] }));
	const child = home.spawn([WORKER]);
	expect(await readyLine(child.stdout)).toMatchObject({ ready: false, problem: { code: "port_taken" } });
	await child.exited;
	expect(existsSync(marker)).toBe(false);
});

test("no spec, one of another worker, one of another protocol: refused by name", async () => {
	await using home = new Home();
	const line = async (id: string) => readyLine(home.spawn([id]).stdout);
	expect(await line("w_nobody")).toMatchObject({ ready: false, problem: { code: "worker_not_found" } });
	home.writeSpec({ ...home.spec(), protocol: 99 });
	expect(await line(WORKER)).toMatchObject({ ready: false, problem: { code: "protocol_mismatch" } });
	writeFileSync(join(home.path, "state/workers", WORKER, "spec.json"), "{");
	expect(await line(WORKER)).toMatchObject({ ready: false });
});
