import { expect, test } from "bun:test";
import type { Session } from "../../src/contract/session.ts";
import type { EventPage } from "../../src/contract/system.ts";
import { alive, Berth, until } from "../support/berth.ts";

test("kill -9 of the daemon while a session prints loses no byte, no session and no exit", async () => {
	await using berth = await Berth.start();
	const lines = 200_000;
	const printing = await berth.api<Session>("POST", "/sessions", {
		name: "printing",
		command: ["sh", "-c", `seq ${lines}; echo end; exec sleep 600`],
	});
	const ending = await berth.api<Session>("POST", "/sessions", {
		name: "ending",
		command: ["sh", "-c", "read line; exit 42"],
	});
	expect([printing.status, ending.status]).toEqual([201, 201]);

	for (let round = 0; round < 5; round++) {
		const before = await berth.daemonPid();
		await berth.killDaemon();
		// What happens now, nobody but the holders sees.
		if (round === 2) await endWithoutDaemon(ending.body);
		await berth.startDaemon();
		expect(await berth.daemonPid()).not.toBe(before);
	}

	const journal = await until(async () => {
		const text = await (await berth.fetch("/sessions/printing/journal")).text();
		return text.endsWith("end\r\n") && text;
	}, "all output is in the journal");
	expect(journal.split("\r\n").length).toBe(lines + 2);
	expect(journal).toBe(`${Array.from({ length: lines }, (_, i) => i + 1).join("\r\n")}\r\nend\r\n`);

	const all = await berth.api<Session[]>("GET", "/sessions?all=true");
	const byName = Object.fromEntries(all.body.map((session) => [session.name, session.workers[0]!]));
	expect(byName.printing!.state).toBe("running");
	expect(byName.ending).toMatchObject({
		state: "exited",
		exit: { code: 42, signal: null, reason: "exited" },
	});

	const { events } = (await berth.api<EventPage>("GET", "/events?after=0")).body;
	const seqs = events.map((event) => event.seq);
	expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
	const exits = events.filter(
		(event) => event.type === "worker.exited" && event.sessionId === ending.body.id,
	);
	expect(exits.length).toBe(1);
});

/** Types a line straight into the holder, as `berth attach` does, and waits for the process's end. */
async function endWithoutDaemon(session: Session): Promise<void> {
	const { AttachStream } = await import("../../src/link/client.ts");
	const worker = session.workers[0]!;
	const stream = await AttachStream.open(
		worker.socket!,
		{ role: "writer" },
		{ onMessage() {}, onData() {}, onClose() {} },
	);
	stream.input(new TextEncoder().encode("go\r"));
	await until(() => !alive(worker.pid!), "the process has ended");
	stream.close();
}

test("berth daemon restart keeps every session with its process", async () => {
	await using berth = await Berth.start();
	for (const name of ["one", "two", "three"]) {
		expect((await berth.api("POST", "/sessions", { name, command: ["sleep", "600"] })).status).toBe(201);
	}
	const pids = async () =>
		(await berth.api<Session[]>("GET", "/sessions")).body.map((session) => session.workers[0]!.pid);
	const before = await pids();
	await berth.ok(["daemon", "restart"]);
	expect(await pids()).toEqual(before);
});
