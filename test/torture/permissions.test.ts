/**
 * Agents ask, people answer, several at once, and the daemon dies at moments that nobody chose. Nothing is allowed that no person allowed, every
 * request ends once, and what the agent heard is what is stored.
 */
import { expect } from "bun:test";
import type { Permission } from "../../src/contract/permission.ts";
import { addHookedAgent, Hooked } from "../support/agents/hooked.ts";
import { Berth, until } from "../support/berth.ts";
import { allEvents, type Random, scaled, seededTest } from "../support/torture.ts";

const AGENTS = 3;
const ASKED = scaled(8, 40);
const KILLS = scaled(3, 20);
const PEOPLE = 2;

seededTest(
	"permissions fail closed while the daemon keeps dying: nothing is allowed that nobody allowed, and each request ends once",
	async (random) => {
		await using berth = await Berth.start();
		await addHookedAgent(berth);
		const agents = await Promise.all(
			Array.from({ length: AGENTS }, (_, n) => Hooked.start(berth, `agent-${n}`)),
		);
		const commands = agents.map((_, n) => Array.from({ length: ASKED }, (__, k) => `make ${n} ${k}`));
		for (const [n, agent] of agents.entries())
			for (const command of commands[n]!) await agent.types(`ask ${command}`);

		/** Which decision was confirmed to somebody, by request. */
		const confirmed = new Map<string, string>();
		let done = false;
		const person = async (choices: Random): Promise<void> => {
			while (!done) {
				try {
					const { body } = await berth.api<Permission[]>("GET", "/permissions?state=pending");
					if (body.length > 0) {
						const { id } = choices.pick(body);
						const decision = choices.pick(["allow", "deny"]);
						const { status } = await berth.api("POST", `/permissions/${id}/answer`, { decision });
						if (status === 200) {
							expect(confirmed.has(id)).toBe(false);
							confirmed.set(id, decision);
						} else expect(status).toBe(409);
					}
				} catch (error) {
					// The daemon is dead just now; an answer may have been taken all the same.
					if (!(error instanceof TypeError) && !("code" in (error as object))) throw error;
				}
				await Bun.sleep(choices.between(20, 200));
			}
		};
		const people = Array.from({ length: PEOPLE }, (_, n) => person(random.of(`person ${n}`)));
		const killer = (async () => {
			const choices = random.of("killer");
			for (let kill = 0; kill < KILLS; kill++) {
				await Bun.sleep(choices.between(100, 600));
				await berth.killDaemon();
				await berth.startDaemon();
			}
		})();
		await killer;
		const said = await Promise.all(
			agents.flatMap((agent, n) =>
				commands[n]!.map(async (command) => [command, await agent.said(command)] as const),
			),
		);
		done = true;
		await Promise.all(people);

		const requests = (await berth.api<Permission[]>("GET", "/permissions?limit=500")).body;
		expect(requests.map(({ subject }) => subject).sort()).toEqual(commands.flat().sort());
		const events = await allEvents(berth);
		for (const { id, subject, state, decision, by } of requests) {
			const ends = events.filter(({ type, data }) => type === "permission.ended" && data.id === id);
			expect(ends.map(({ data }) => [data.state, data.decision])).toEqual([[state, decision]]);
			expect([state, by]).toEqual(["answered", "person"]);
			if (confirmed.has(id)) expect(decision as string).toBe(confirmed.get(id)!);
			const heard = said.find(([command]) => command === subject)![1];
			expect(heard.split(" ")[0]).toBe(decision!);
		}
		await until(
			async () => (await berth.api<unknown[]>("GET", "/permissions?state=pending")).body.length === 0,
			"none waits",
		);
	},
);
