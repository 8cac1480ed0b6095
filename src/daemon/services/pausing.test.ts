import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BerthError } from "../../contract/errors.ts";
import { eventsAfter } from "../../store/events.ts";
import { savePause } from "../../store/pauses.ts";
import { Control, eventually } from "./testing.ts";

setDefaultTimeout(300_000);

async function codeOf(work: () => unknown): Promise<string> {
	try {
		await work();
		return "no error";
	} catch (error) {
		return (error as BerthError).code;
	}
}

const sleeper = { command: ["/bin/sleep", "600"] };

/** A session of three workers, of which the last has ended. */
async function make(control: Control): Promise<void> {
	await control.script("sleep 600", { name: "work" });
	await control.sessions.addWorker("work", { ...sleeper, name: "second" });
	await control.sessions.addWorker("work", { ...sleeper, name: "ended" });
	await control.sessions.kill("work", "ended");
}

const states = (control: Control) => control.sessions.get("work").workers.map(({ state }) => state);

test("a paused session has no process, is still listed, and what ran runs again when it is resumed", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	await make(control);
	const pids = sessions.get("work").workers.map(({ pid }) => pid);
	expect((await sessions.pause("work")).pausedAt).toBeGreaterThan(0);
	expect(states(control)).toEqual(["exited", "exited", "exited"]);
	expect(control.processes().filter(({ pid }) => pids.includes(pid))).toEqual([]);
	expect(sessions.list(false).map(({ name }) => name)).toEqual(["work"]);
	const resumed = await sessions.resume("work");
	expect(resumed.pausedAt).toBeUndefined();
	expect(resumed.workers.map(({ state, generation }) => [state, generation])).toEqual([
		["running", 2],
		["running", 2],
		["exited", 1],
	]);
	const told = eventsAfter(control.store.read, 0, 1000).map(({ type }) => type as string);
	expect(told.filter((type) => /^session\.(paused|resumed)$/.test(type))).toEqual([
		"session.paused",
		"session.resumed",
	]);
});

test("a shell comes back in the directory it was in, not in the one it started in", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	const elsewhere = join(control.home, "elsewhere");
	mkdirSync(elsewhere);
	await sessions.create({ name: "work", cwd: control.home, port: null, shell: "bash" });
	await eventually(() => sessions.worker("work").prompt === "prompt", "the shell shows its prompt");
	await sessions.holder("work").call("run", { command: `cd ${elsewhere}` }, 10_000);
	await eventually(() => sessions.worker("work").cwd === elsewhere, "the shell is elsewhere");
	await sessions.pause("work");
	await sessions.resume("work");
	expect(sessions.worker("work").cwd).toBe(elsewhere);
});

test("it stays paused when the daemon starts again, and nothing but a resumption starts anything of it", async () => {
	await using control = await Control.start();
	await control.script("sleep 600", { name: "work", restart: "always" });
	await control.sessions.pause("work");
	await control.end();
	control.ahead = 3_600_000;
	await control.begin();
	const { sessions } = control;
	expect(states(control)).toEqual(["exited"]);
	expect(sessions.get("work").pausedAt).toBeGreaterThan(0);
	expect(await codeOf(() => sessions.restart("work"))).toBe("session_paused");
	expect(await codeOf(() => sessions.addWorker("work", sleeper))).toBe("session_paused");
	expect((await sessions.pause("work")).pausedAt).toBeGreaterThan(0);
	expect((await sessions.resume("work")).workers[0]!.state).toBe("running");
});

test("a daemon that died in the middle of it leaves it paused, and the next one ends what still runs", async () => {
	await using control = await Control.start();
	await make(control);
	const { id, workers } = control.sessions.get("work");
	const rows = workers.slice(0, 2).map((worker) => ({ id: worker.id, cwd: worker.cwd }));
	// What a pause writes first, and all that the daemon came to.
	control.store.change((change) => savePause(change, { sessionId: id, at: change.at, workers: rows }));
	await control.end();
	await control.begin();
	await eventually(() => states(control).every((state) => state === "exited"), "nothing of it runs");
	await control.sessions.resume("work");
	expect(states(control)).toEqual(["running", "running", "exited"]);
});

test("a second resumption at the same time is refused, and so is one of what is not paused", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	await make(control);
	expect(await codeOf(() => sessions.resume("work"))).toBe("illegal_transition");
	await sessions.pause("work");
	const codes = await Promise.all([1, 2, 3].map(() => codeOf(() => sessions.resume("work"))));
	expect(codes.sort()).toEqual(["illegal_transition", "illegal_transition", "no error"]);
	expect(states(control)).toEqual(["running", "running", "exited"]);
	await sessions.kill("work");
	expect(await codeOf(() => sessions.pause("work"))).toBe("session_ended");
});

test("a resumption that fails half-way is rolled back, and can be tried again", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	const doomed = join(control.home, "doomed");
	mkdirSync(doomed);
	await control.script("sleep 600", { name: "work" });
	await sessions.addWorker("work", { ...sleeper, name: "second", cwd: doomed });
	await sessions.pause("work");
	rmSync(doomed, { recursive: true });
	expect(await codeOf(() => sessions.resume("work"))).toBe("invalid_cwd");
	expect(states(control)).toEqual(["exited", "exited"]);
	expect(sessions.get("work").pausedAt).toBeGreaterThan(0);
	mkdirSync(doomed);
	await sessions.resume("work");
	expect(states(control)).toEqual(["running", "running"]);
});

test("closing a paused session ends it for good", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	await make(control);
	await sessions.pause("work");
	await sessions.close("work");
	expect(sessions.get("work").pausedAt).toBeUndefined();
	expect(sessions.list(false)).toEqual([]);
	expect(await sessions.restart("work")).toMatchObject({ status: "restarted" });
});
