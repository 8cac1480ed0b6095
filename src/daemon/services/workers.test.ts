import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BerthError } from "../../contract/errors.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { livingProcess, readProcess } from "../../platform/processes/index.ts";
import { eventsAfter } from "../../store/events.ts";
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

async function pair(control: Control): Promise<{ session: Session; added: Worker }> {
	const session = await control.script("sleep 600", { name: "pair" });
	return { session, added: await control.sessions.addWorker("pair", { ...sleeper, name: "tests" }) };
}

function alive({ pid }: Worker): boolean {
	const info = pid === null ? null : readProcess(pid);
	return info !== null && livingProcess(info) !== null;
}

describe("the workers of a session", () => {
	test("have names of their own in it, and other sessions may use the same", async () => {
		await using control = await Control.start();
		const { sessions } = control;
		await pair(control);
		expect(await codeOf(() => sessions.addWorker("pair", { ...sleeper, name: "tests" }))).toBe("name_taken");
		expect(await codeOf(() => sessions.addWorker("pair", { ...sleeper, name: "list" }))).toBe("invalid_name");
		expect((await sessions.addWorker("pair", sleeper)).name).toBe("sleep");
		expect((await sessions.addWorker("pair", sleeper)).name).toBe("sleep-2");
		await control.script("sleep 600", { name: "other" });
		expect((await sessions.addWorker("other", { ...sleeper, name: "tests" })).name).toBe("tests");
	});

	test("are renamed without touching what runs, unless the name is taken", async () => {
		await using control = await Control.start();
		const { added } = await pair(control);
		const { sessions } = control;
		const seq = eventsAfter(control.store.read, 0, 1000).at(-1)!.seq;
		expect(await sessions.updateWorker("pair", "tests", { name: "unit" })).toMatchObject({
			id: added.id,
			name: "unit",
			pid: added.pid,
		});
		expect(eventsAfter(control.store.read, seq, 10)).toMatchObject([
			{ type: "worker.updated", workerId: added.id, data: { name: "unit" } },
		]);
		expect(await codeOf(() => sessions.worker("pair", "tests"))).toBe("worker_not_found");
		expect(await codeOf(() => sessions.updateWorker("pair", "unit", { name: "main" }))).toBe("name_taken");
		expect(await codeOf(() => sessions.updateWorker("pair", "unit", { name: "a b" }))).toBe("invalid_name");
		expect((await sessions.updateWorker("pair", "unit", { name: "unit" })).name).toBe("unit");
		expect(alive(added)).toBe(true);
	});

	test("end alone, whichever it is, and start again alone", async () => {
		await using control = await Control.start();
		const { sessions } = control;
		const { session, added } = await pair(control);
		const states = () => sessions.get("pair").workers.map(({ state }) => state);
		await sessions.kill("pair", "tests");
		expect(states()).toEqual(["running", "exited"]);
		expect(alive(session.workers[0]!)).toBe(true);
		await sessions.restart("pair", "tests");
		expect(sessions.worker("pair", "tests")).toMatchObject({ id: added.id, state: "running", generation: 2 });
		await sessions.close("pair", "main");
		expect(states()).toEqual(["exited", "running"]);
		expect(sessions.list(false).map(({ name }) => name)).toEqual(["pair"]);
		expect(alive(sessions.worker("pair", "tests"))).toBe(true);
	});

	for (const verb of ["close", "kill"] as const) {
		test(`all end when the session is ended by ${verb}`, async () => {
			await using control = await Control.start();
			const { session, added } = await pair(control);
			await control.sessions[verb]("pair");
			expect([session.workers[0]!, added].map(alive)).toEqual([false, false]);
			const ended = verb === "close" ? "closed" : "killed";
			expect(control.sessions.get("pair").workers.map(({ exit }) => exit?.reason)).toEqual([ended, ended]);
		});
	}
});

describe("forgetting a worker", () => {
	test("takes an ended one with its journal and leaves the others alone", async () => {
		await using control = await Control.start();
		const { sessions } = control;
		const { session, added } = await pair(control);
		expect(await codeOf(() => sessions.removeWorker("pair", "tests"))).toBe("worker_running");
		await sessions.kill("pair", "tests");
		sessions.removeWorker("pair", "tests");
		expect(existsSync(join(control.paths.state, "workers", added.id))).toBe(false);
		expect(sessions.get("pair").workers.map(({ name }) => name)).toEqual(["main"]);
		expect(alive(session.workers[0]!)).toBe(true);
		expect(eventsAfter(control.store.read, 0, 1000).at(-1)).toMatchObject({
			type: "worker.updated",
			workerId: added.id,
			data: { deleted: true, name: "tests" },
		});
		expect((await sessions.addWorker("pair", { ...sleeper, name: "tests" })).id).not.toBe(added.id);
	});

	test("is refused for the one that the session is named for", async () => {
		await using control = await Control.start();
		const { sessions } = control;
		await pair(control);
		await sessions.kill("pair");
		expect(await codeOf(() => sessions.removeWorker("pair", "main"))).toBe("primary_worker");
		expect(sessions.get("pair").workers.length).toBe(2);
		await sessions.remove("pair");
		expect(readdirSync(join(control.paths.state, "workers"))).toEqual([]);
	});

	test("calls off the restart that it was waiting for", async () => {
		await using control = await Control.start();
		const { sessions } = control;
		await control.script("sleep 600", { name: "again", restart: "always" });
		await sessions.addWorker("again", { command: ["/bin/false"], name: "flaky" });
		// Restarts come later and later: soon there is time to forget it between two of them.
		await eventually(() => {
			const { state, restarts } = sessions.worker("again", "flaky");
			return state === "exited" && restarts > 1;
		}, "it waits for a restart");
		sessions.removeWorker("again", "flaky");
		control.ahead = 3_600_000;
		await sessions.addWorker("again", { ...sleeper, name: "flaky" });
		expect(sessions.get("again").workers.map(({ name, state }) => [name, state])).toEqual([
			["main", "running"],
			["flaky", "running"],
		]);
		expect(control.logged.filter((line) => line.startsWith("error"))).toEqual([]);
	});
});
