/** The daemon starts by itself, once, and what goes wrong is said. */
import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Berth, until } from "../support/berth.ts";

const isDaemon = (pid: number) => {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("daemon\0serve");
	} catch {
		// It has ended meanwhile.
		return false;
	}
};
const daemons = (berth: Berth) => berth.processes().filter(isDaemon);

describe("the daemon", () => {
	test("starts once when ten commands start at the same moment", async () => {
		await using berth = await Berth.home();
		const results = await Promise.all(
			Array.from({ length: 10 }, (_, i) => berth.run(["new", `n${i}`, "-d", "--", "cat"])),
		);
		expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array(10).fill([0, ""]));
		await until(() => daemons(berth).length === 1, "the losers are gone");
		expect(JSON.parse(await berth.ok(["ls", "--json"])).length).toBe(10);
	});

	test("that dies with a command at its door is replaced, and the command does not notice", async () => {
		await using berth = await Berth.home();
		await berth.ok(["new", "kept", "-d", "--shell", "bash"]);
		for (const command of [
			["ls"],
			["run", "kept", "echo here"],
			["new", "-d", "--", "cat"],
			["daemon", "start"],
		]) {
			await berth.ok(["daemon", "stop"]);
			// Stands for a daemon that was killed a moment ago: what it has accepted is reset, then nobody listens.
			const dying = createServer((connection) => {
				connection.on("data", () => {
					dying.close();
					connection.resetAndDestroy();
				});
			}).listen(berth.socket);
			await once(dying, "listening");
			const { code, stderr } = await berth.run(command);
			expect([command[0], code, stderr]).toEqual([command[0], 0, ""]);
			expect(dying.listening).toBe(false);
		}
	}, 300_000);

	test("belongs to no session, no terminal and no directory", async () => {
		await using berth = await Berth.home();
		await berth.ok(["ls"], { env: { BERTH_SESSION: "s_x", BERTH_WORKER: "w_x" } });
		const [pid] = daemons(berth);
		const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
		expect(environment).not.toMatch(/BERTH_(SESSION|WORKER)=/);
		const [, , , , session, terminal] = readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/\(.*\)/, "x")
			.split(" ");
		expect(Number(session ?? 0)).toBeGreaterThan(0);
		expect(
			terminal === undefined
				? ""
				: Bun.spawnSync(["ps", "-o", "tty=", "-p", String(pid)])
						.stdout.toString()
						.trim(),
		).toBe("?");
		expect(Bun.spawnSync(["readlink", `/proc/${pid}/cwd`]).stdout.toString()).toBe("/\n");
	});

	test("is started by the next command when it was killed, and sessions are still there", async () => {
		await using berth = await Berth.start();
		await berth.ok(["new", "kept", "-d", "--", "cat"]);
		await berth.killDaemon();
		expect(await berth.ok(["ls", "-q"])).toBe("kept\n");
	});

	test("stop leaves sessions running and says so; status tells that it does not run", async () => {
		await using berth = await Berth.start();
		await berth.ok(["new", "kept", "-d", "--", "cat"]);
		expect(await berth.ok(["daemon", "stop"])).toBe("the daemon has stopped; one session keeps running\n");
		expect(await berth.ok(["daemon", "stop"])).toBe("the daemon does not run\n");
		expect((await berth.run(["daemon", "status"])).code).toBe(1);
		expect(daemons(berth)).toEqual([]);
		expect(await berth.ok(["daemon", "start"])).toStartWith("the daemon runs (pid ");
		expect(await berth.ok(["ls"])).toMatch(/kept +running/);
		expect(await berth.ok(["daemon", "logs", "-n", "1"])).toContain("ready");
	});

	test("that hangs makes an error that says what to do, and restart replaces it", async () => {
		await using berth = await Berth.start();
		await berth.ok(["new", "kept", "-d", "--", "cat"]);
		const pid = await berth.daemonPid();
		process.kill(pid, "SIGSTOP");
		const { code, stderr } = await berth.run(["ls"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(
			/^berth: the daemon accepts connections .* does not answer; berth daemon restart [^\n]+\n$/,
		);
		await berth.ok(["daemon", "restart"]);
		expect(await berth.daemonPid()).not.toBe(pid);
		expect(await berth.ok(["ls", "-q"])).toBe("kept\n");
	}, 300_000);
});

describe("a daemon that cannot start", () => {
	test("says which setting is wrong", async () => {
		await using berth = await Berth.home();
		mkdirSync(join(berth.home, "config"));
		writeFileSync(join(berth.home, "config/config.toml"), "prot = 1\n");
		const { code, stderr } = await berth.run(["ls"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^berth: the daemon cannot start: .*there is no setting "prot"[^\n]*\n$/);
	});

	test("says who has the port", async () => {
		await using berth = await Berth.home();
		const taken = createServer().listen(berth.port, "127.0.0.1");
		await until(() => taken.listening, "the port is taken");
		const { code, stderr } = await berth.run(["ls"]);
		taken.close();
		expect(code).toBe(1);
		expect(stderr).toMatch(new RegExp(`^berth: the daemon cannot start: .*${berth.port}[^\\n]*\\n$`));
	});

	test.if(process.getuid?.() !== 0)("says that its folder cannot be written", async () => {
		await using berth = await Berth.home();
		chmodSync(berth.home, 0o500);
		const { code, stderr } = await berth.run(["ls"]);
		chmodSync(berth.home, 0o700);
		expect(code).toBe(1);
		expect(stderr).toContain(berth.home);
	});
});
