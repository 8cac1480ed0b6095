/**
 * The daemon dies again and again while agents talk and are asked more. What they said must be in their conversations once, word for word; what
 * was asked must have been worked on once.
 */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { followStream } from "../../src/client/follow.ts";
import type { AgentRecord } from "../../src/contract/agent-log.ts";
import type { ConversationPage, Item, ItemBody } from "../../src/contract/conversation.ts";
import type { Prompt } from "../../src/contract/prompt.ts";
import type { Session } from "../../src/contract/session.ts";
import { Clerk } from "../support/agents/clerk.ts";
import { installFakeAgent } from "../support/agents/install.ts";
import { alive, Berth, until } from "../support/berth.ts";
import { allEvents, contradictions, type Random, scaled, seededTest } from "../support/torture.ts";

const DRIVERS = ["acp", "claude-stream"] as const;
const AGENTS = 4;
const PROMPTS = scaled(12, 60);
const KILLS = scaled(20, 150);

/** Words of a streamed answer: enough that many a turn sees a daemon die. */
const WORDS = 200;

/** What a client asked of one agent, and which of it is known to have been taken. */
interface Asked {
	session: Session;
	texts: string[];
	taken: Map<string, string>;
}

/** Asks while the daemon comes and goes; an answer that never came leaves open whether it was taken. */
async function ask(berth: Berth, { session, texts, taken }: Asked, random: Random): Promise<void> {
	for (let n = 0; n < PROMPTS; n++) {
		const text = n % 3 === 0 ? `stream ${WORDS + n}` : `say ${n} of ${session.id}`;
		texts.push(text);
		try {
			const { status, body } = await berth.api<Prompt>("POST", `/sessions/${session.id}/prompts`, { text });
			if (status === 201) taken.set(body.id, text);
		} catch {
			// The daemon died with it in its hands, or was not there.
		}
		await Bun.sleep(random.between(20, 300));
	}
}

/** The newest version of every item, as a client that follows would keep them. */
class Follower {
	readonly kept = new Map<string, Item>();
	readonly #over = new AbortController();
	readonly #following: Promise<void>;

	constructor(berth: Berth, session: Session) {
		const fetcher = async (path: string, init?: RequestInit) => {
			const response = await berth.fetch(path, init);
			if (!response.ok) throw new Error(`${response.status}`);
			return response;
		};
		const path = `/sessions/${session.id}/conversation`;
		const stream = { path, after: 0, cursorOf: ({ cursor }: Item) => cursor };
		this.#following = (async () => {
			for await (const item of followStream<Item>(fetcher, stream, this.#over.signal))
				this.kept.set(item.id, item);
		})();
	}

	async stop(): Promise<void> {
		this.#over.abort();
		await this.#following;
	}
}

/** What the agent's log says was said, item by item. */
function toldBy(log: string): { id: string; body: ItemBody }[] {
	const items = new Map<string, ItemBody>();
	for (const line of log.split("\n").slice(0, -1)) {
		const record = JSON.parse(line) as AgentRecord;
		if (record.kind === "item") items.set(record.id, record.body);
		if (record.kind !== "text") continue;
		const body = items.get(record.id);
		if (body?.type !== "message") throw new Error(`${record.id} is no message`);
		const last = body.parts.at(-1);
		const parts =
			last?.type === "text"
				? [...body.parts.slice(0, -1), { ...last, text: last.text + record.text }]
				: [...body.parts, { type: "text" as const, text: record.text }];
		items.set(record.id, { ...body, parts });
	}
	return [...items].map(([id, body]) => ({ id, body }));
}

async function wholeConversation(berth: Berth, session: Session): Promise<Item[]> {
	const items: Item[] = [];
	for (let after = 0; ; ) {
		const path = `/sessions/${session.id}/conversation?after=${after}&limit=37`;
		const { body } = await berth.api<ConversationPage>("GET", path);
		items.push(...body.items);
		if (body.items.length === 0) return items.sort((a, b) => a.index - b.index);
		after = body.next;
	}
}

const spoken = (items: readonly { body: ItemBody }[], role: "user" | "assistant"): string[] =>
	items.flatMap(({ body }) =>
		body.type === "message" && body.role === role
			? [body.parts.map((part) => (part.type === "text" ? part.text : "")).join("")]
			: [],
	);

seededTest(
	"kill -9 of the daemon while agents talk loses no message and no prompt, and doubles none",
	async (random) => {
		await using berth = await Berth.home();
		for (const driver of DRIVERS) installFakeAgent(berth.home, { id: driver, driver });
		await berth.startDaemon();
		const asked: Asked[] = [];
		for (let n = 0; n < AGENTS; n++) {
			const agent = { definition: DRIVERS[n % DRIVERS.length]! };
			const { status, body } = await berth.api<Session>("POST", "/sessions", { agent, port: null });
			expect(status).toBe(201);
			asked.push({ session: body, texts: [], taken: new Map() });
		}
		const followers = asked.map(({ session }) => new Follower(berth, session));
		const asking = Promise.all(asked.map((each, n) => ask(berth, each, random.of(`asker ${n}`))));

		const killer = random.of("killer");
		for (let kill = 0; kill < KILLS; kill++) {
			await Bun.sleep(killer.next() ** 2 * 400);
			const daemon = await berth.daemonPid();
			process.kill(daemon, "SIGKILL");
			await until(() => !alive(daemon), "the daemon is gone");
			await berth.startDaemon();
		}
		await asking;

		for (const [n, { session, texts, taken }] of asked.entries()) {
			const prompts = `/sessions/${session.id}/prompts`;
			await until(
				async () => (await berth.api<Prompt[]>("GET", prompts)).body.length === 0,
				`agent ${n} has worked on everything`,
				60_000,
			);
			const { body: all } = await berth.api<Prompt[]>("GET", `${prompts}?all=true`);
			expect(all.filter(({ state }) => state !== "completed")).toEqual([]);
			const made = new Map(all.map(({ id, text }) => [id, text]));
			for (const [id, text] of taken) expect(made.get(id)).toBe(text);

			const folder = join(berth.home, "state/workers", session.workers[0]!.id, "g1");
			const told = toldBy(readFileSync(join(folder, "agent.jsonl"), "utf8"));
			const items = await wholeConversation(berth, session);
			expect(items.map(({ id, body }) => ({ id, body }))).toEqual(told);
			expect(items.map(({ index }) => index)).toEqual(items.map((_, index) => index));

			const users = spoken(items, "user");
			expect(users).toEqual(all.map(({ text }) => text));
			expect(texts.filter((text) => users.includes(text))).toEqual(users);
			const answers = spoken(items, "assistant");
			for (const { text, answer } of all.filter(({ text: each }) => each.startsWith("say "))) {
				expect(answer).toBe(text.slice(4));
				expect(answers.filter((each) => each === answer)).toEqual([text.slice(4)]);
			}

			const follower = followers[n]!;
			const last = Math.max(...items.map(({ cursor }) => cursor));
			await until(
				() => [...follower.kept.values()].some(({ cursor }) => cursor === last),
				"the follower has all",
			);
			await follower.stop();
			const followed = [...follower.kept.values()].sort((a, b) => a.index - b.index);
			expect(followed).toEqual(items);
		}
		const events = await allEvents(berth);
		expect(contradictions(events)).toEqual([]);
		for (const type of ["prompt.started", "prompt.ended"]) {
			const ids = events.filter((event) => event.type === type).map(({ data }) => data.id);
			expect(ids.length).toBe(new Set(ids).size);
		}
	},
);

/** Prompts are typed by the daemon, so that its death may come between any two keys. */
seededTest(
	"kill -9 of the daemon while it types prompts into a terminal types each of them once",
	async (random) => {
		await using berth = await Berth.start();
		const clerk = await Clerk.start(berth, "clerk");
		const wanted = Array.from({ length: scaled(6, 30) }, (_, n) => `prompt ${n}\nin two lines`);
		for (const text of wanted)
			expect((await berth.api("POST", `/sessions/${clerk.id}/prompts`, { text })).status).toBe(201);
		const pending = async () => (await berth.api<Prompt[]>("GET", `/sessions/${clerk.id}/prompts`)).body;
		const killer = random.of("killer");
		for (let kills = 0; kills < KILLS && (await pending()).length > 0; kills++) {
			await Bun.sleep(killer.next() * 2500);
			await berth.killDaemon();
			await berth.startDaemon();
		}
		await until(async () => (await pending()).length === 0, "all has been asked", 120_000);
		expect(clerk.asked()).toEqual(wanted);
		const all = (await berth.api<Prompt[]>("GET", `/sessions/${clerk.id}/prompts?all=true`)).body;
		expect(all.map(({ state, text }) => [state, text])).toEqual(wanted.map((text) => ["completed", text]));
	},
);
