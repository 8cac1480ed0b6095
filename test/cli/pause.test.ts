/** Pausing and resuming, from the command line. */
import { expect, test } from "bun:test";
import type { Session } from "../../src/contract/session.ts";
import { Berth } from "../support/berth.ts";

test("a paused session is listed as such over a restart of the daemon, and resumes where its shell was", async () => {
	await using berth = await Berth.start();
	await berth.ok(["new", "work", "-d", "--no-port", "--shell", "bash"]);
	await berth.ok(["run", "work", "cd /tmp"]);
	expect(await berth.ok(["pause", "work"])).toBe("paused work\n");
	expect(await berth.ok(["ls"])).toMatch(/\nwork +paused /);
	await berth.killDaemon();
	expect(await berth.ok(["ls"])).toMatch(/\nwork +paused /);
	expect(await berth.ok(["info", "work"])).toMatch(/\npaused +\d+s ago\n/);
	const refused = await berth.run(["restart", "work"]);
	expect(refused).toMatchObject({ code: 1, stdout: "" });
	expect(refused.stderr).toContain("berth resume work");
	expect(await berth.ok(["__complete", "--", "resume", ""])).toBe("work\tpaused\n");
	const resumed = JSON.parse(await berth.ok(["resume", "work", "--json"])) as Session;
	expect(resumed.workers[0]).toMatchObject({ state: "running", generation: 2 });
	expect(await berth.ok(["run", "work", "pwd"])).toBe("/tmp\n");
	expect((await berth.run(["resume", "work"])).stderr).toContain("work is not paused");
});
