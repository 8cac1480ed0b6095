import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../contract/session.ts";
import { AttachStream } from "../../link/client.ts";
import { IDLE_GRACE_MS } from "./idle.ts";
import { BACKOFF_LONGEST_MS } from "./restart-policy.ts";
import { Control, eventually, runs } from "./testing.ts";

setDefaultTimeout(300_000);

const HOUR = 3600;

describe("automatic restarts", () => {
	test("a worker that fails runs again after a second, with the next generation", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 1", { restart: "on-failure" });
		await eventually(() => control.row(session).generation === 2, "it was started again");
		expect(control.row(session).restarts).toBe(1);
		expect(control.sessions.list(false).map(({ id }) => id)).toEqual([session.id]);
	});

	test("one that is due while no daemon runs is made by the next daemon", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 1", { restart: "always" });
		await eventually(() => control.row(session).nextRestartAt !== null, "a restart is due");
		await control.end();
		control.ahead += 5000;
		await control.begin();
		await eventually(() => control.row(session).generation === 2, "it was started again");
	});

	test("a clock that is set back puts off no restart, not even one that a former daemon planned", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 1", { restart: "always" });
		const other = await control.script("sleep 600", { idleTimeoutSeconds: 24 * HOUR });
		await eventually(() => control.row(session).nextRestartAt !== null, "a restart is due");
		control.jumped -= 24 * HOUR * 1000;
		await eventually(() => control.row(session).generation === 2, "it was started again");
		await eventually(() => control.row(session).nextRestartAt !== null, "the next restart is due");
		await control.end();
		control.jumped -= 24 * HOUR * 1000;
		await control.begin();
		control.ahead += BACKOFF_LONGEST_MS;
		// Time that only the test knows of has passed: what is due is found when an alarm is set.
		control.sessions.update(other.id, { tags: ["look"] });
		await eventually(() => control.row(session).generation >= 3, "the next daemon started it");
	});

	test("a close calls off the restart that is due", async () => {
		await using control = await Control.start();
		const session = await control.script("exit 1", { restart: "always" });
		await eventually(() => control.row(session).nextRestartAt !== null, "a restart is due");
		await control.sessions.close(session.id);
		expect(control.row(session)).toMatchObject({ nextRestartAt: null, generation: 1, exitCode: 1 });
		expect(control.sessions.list(false)).toEqual([]);
	});

	test("a directory that is gone only postpones it", async () => {
		await using control = await Control.start();
		const cwd = join(control.home, "there");
		mkdirSync(cwd);
		const session = await control.script("exit 1", { cwd, restart: "always" });
		await eventually(() => control.row(session).nextRestartAt !== null, "a restart is due");
		renameSync(cwd, `${cwd}.away`);
		const row = await eventually(() => {
			const now = control.row(session);
			return now.restarts === 1 ? now : null;
		}, "a restart failed");
		expect(row).toMatchObject({ state: "exited", generation: 1, exitCode: 1 });
		expect(row.nextRestartAt).not.toBeNull();
		renameSync(`${cwd}.away`, cwd);
		await eventually(() => control.row(session).generation === 2, "it was started again");
	});
});

describe("the idle limit", () => {
	/** Moves the clock and has the session looked at. */
	const pass = (control: Control, session: Session, seconds: number): void => {
		control.ahead += seconds * 1000;
		control.sessions.update(session.id, { tags: [`t${control.ahead}`] });
	};
	const ended = (control: Control, session: Session) =>
		eventually(() => control.state(session) === "exited", "the session is ended");

	test("ends a session that nobody uses, and says why", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { idleTimeoutSeconds: HOUR });
		const child = control.child(session);
		pass(control, session, HOUR + 1);
		await ended(control, session);
		expect(control.row(session)).toMatchObject({ exitReason: "idle" });
		expect(runs(child)).toBe(false);
	});

	test("is the default's for unnamed sessions only, and null turns it off", async () => {
		await using control = await Control.start({ idleTimeoutSeconds: HOUR });
		const [unnamed, named, off] = [
			await control.script("sleep 600"),
			await control.script("sleep 600", { name: "named" }),
			await control.script("sleep 600", { idleTimeoutSeconds: null }),
		];
		expect([unnamed, named, off].map(({ idleTimeoutSeconds }) => idleTimeoutSeconds)).toEqual([
			HOUR,
			null,
			null,
		]);
		expect(control.sessions.update(unnamed.id, { name: "kept" }).idleTimeoutSeconds).toBeNull();
		for (const session of [unnamed, named, off]) pass(control, session, HOUR + 1);
		await control.end();
		await control.begin();
		expect([unnamed, named, off].map((session) => control.state(session))).toEqual([
			"running",
			"running",
			"running",
		]);
	});

	test("is not over while somebody is attached, and starts anew when they leave", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { idleTimeoutSeconds: HOUR });
		const stream = await AttachStream.open(
			session.workers[0]!.socket!,
			{ role: "viewer" },
			{ onMessage() {}, onData() {}, onClose() {} },
		);
		await eventually(() => control.sessions.get(session.id).viewers === 1, "the viewer is seen");
		pass(control, session, HOUR + 1);
		const looked = control.sessions.get(session.id).lastActiveAt;
		await eventually(
			() => control.sessions.get(session.id).lastActiveAt > looked || looked > Date.now() + HOUR * 900,
			"it was looked at",
		);
		expect(control.state(session)).toBe("running");
		control.ahead += 60_000;
		stream.close();
		await eventually(() => control.sessions.get(session.id).viewers === 0, "the viewer has left");
		pass(control, session, HOUR - 5);
		await Bun.sleep(100);
		expect(control.state(session)).toBe("running");
		pass(control, session, 6);
		await ended(control, session);
	});

	test("is not over while a job runs in the foreground", async () => {
		await using control = await Control.start();
		const session = await control.sessions.create({
			cwd: control.home,
			idleTimeoutSeconds: HOUR,
			port: null,
		});
		const type = (text: string) =>
			control.sessions.holder(session.id).call("input", { data: btoa(text) }, 1000);
		await type("until [ -e go ]; do sleep 0.05; done; echo $$ > ready\r");
		await eventually(
			async () => (await control.sessions.holder(session.id).call("status", {}, 1000)).foreground,
			"a job runs",
		);
		pass(control, session, HOUR + 1);
		const stored = () => control.sessions.get(session.id).lastActiveAt;
		await eventually(() => stored() > Date.now() + HOUR * 900, "it was looked at");
		expect(control.state(session)).toBe("running");
		appendFileSync(join(control.home, "go"), "");
		await control.told("ready");
		await eventually(
			async () => (await control.sessions.holder(session.id).call("status", {}, 1000)).prompt === "prompt",
			"the shell is back at its prompt",
		);
		pass(control, session, HOUR + 60);
		await ended(control, session);
	});

	test("counts on through a daemon's absence, but leaves a grace after its start", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { idleTimeoutSeconds: HOUR });
		await control.end();
		control.ahead += (HOUR + 1) * 1000;
		await control.begin();
		control.sessions.update(session.id, { tags: ["looked-at"] });
		await Bun.sleep(100);
		expect(control.state(session)).toBe("running");
		pass(control, session, IDLE_GRACE_MS / 1000);
		await ended(control, session);
	});

	test("is not reached by a clock that is set ahead", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { idleTimeoutSeconds: HOUR });
		control.ahead += IDLE_GRACE_MS;
		control.jumped += 24 * HOUR * 1000;
		pass(control, session, HOUR / 2);
		await control.sessions.holder(session.id).call("status", {}, 1000);
		await Bun.sleep(100);
		expect(control.state(session)).toBe("running");
		pass(control, session, HOUR / 2);
		await ended(control, session);
	});

	test("leaves a session alone whose holder cannot be asked, and comes back to it", async () => {
		await using control = await Control.start();
		const session = await control.script("sleep 600", { idleTimeoutSeconds: HOUR });
		const { pid } = control.holder(session);
		process.kill(pid, "SIGSTOP");
		pass(control, session, HOUR + 1);
		await eventually(
			() => control.logged.some((line) => line.includes("tried again")),
			"it could not be asked",
		);
		expect(control.state(session)).toBe("running");
		process.kill(pid, "SIGCONT");
		pass(control, session, 61);
		await ended(control, session);
	});
});

describe("what holders tell", () => {
	test("titles, sizes and bells become events, and the title is kept when the session ends", async () => {
		await using control = await Control.start();
		const seen: string[] = [];
		control.store.onEvents((events) =>
			seen.push(...events.map(({ type, data }) => `${type} ${JSON.stringify(data)}`)),
		);
		const session = await control.script(
			`echo $$ > ready; until [ -e go ]; do sleep 0.02; done; printf '\\033]2;a title\\007\\007'; sleep 600`,
		);
		await control.told("ready");
		appendFileSync(join(control.home, "go"), "");
		await eventually(() => seen.some((line) => line.startsWith("worker.bell")), "the bell is told");
		await eventually(() => seen.some((line) => line.includes("a title")), "the title is told");
		await control.sessions.holder(session.id).call("resize", { cols: 99, rows: 22 }, 1000);
		await eventually(() => seen.some((line) => line.includes('"cols":99')), "the size is told");
		await control.sessions.kill(session.id);
		expect(control.sessions.worker(session.id)).toMatchObject({
			title: "a title",
			cols: 99,
			rows: 22,
			state: "exited",
		});
	});
});
