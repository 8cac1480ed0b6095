import { expect, test } from "bun:test";
import type { Item } from "../../../contract/conversation.ts";
import { agentOf, noteAgent } from "../../../store/agents.ts";
import { Conversations } from "./conversations.ts";
import { ItemBatch } from "./item-batch.ts";
import { AgentHome } from "./testing.ts";

/** Numbers that look random and are the same every time (https://en.wikipedia.org/wiki/Linear_congruential_generator). */
function dice(seed: number): (sides: number) => number {
	let state = seed;
	return (sides) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * sides);
	};
}

/** Says something new, or more of what was said. */
function says(home: AgentHome, id: string, text: string): void {
	home.store.bookkeep((bookkeeping) => {
		const next = agentOf(bookkeeping.tx, home.workerId)!.items;
		const batch = new ItemBatch(bookkeeping, { workerId: home.workerId, generation: 1, next }, [id]);
		batch.append(id, text, home.time++);
		noteAgent(bookkeeping, home.workerId, { items: batch.write() });
	});
}

/** A reader that keeps the newest version of each item, as the API's description says. */
class PageReader {
	readonly kept = new Map<string, Item>();

	take(items: readonly Item[]): void {
		for (const item of items) {
			const before = this.kept.get(item.id);
			if (!before || before.cursor < item.cursor) this.kept.set(item.id, item);
		}
	}

	get texts(): string[] {
		return [...this.kept.values()]
			.sort((a, b) => a.index - b.index)
			.map(({ id, body }) => `${id}:${textOf(body)}`);
	}
}

function textOf(body: Item["body"]): string {
	return body.type === "message"
		? body.parts.map((part) => (part.type === "text" ? part.text : "")).join("")
		: "";
}

test("whatever changes while it is read in both directions, a reader ends with every item, once, as it is", () => {
	for (let seed = 1; seed <= 60; seed++) {
		using home = new AgentHome();
		const conversations = new Conversations(home.store);
		const roll = dice(seed);
		const expected = new Map<string, string>();
		let made = 0;
		const change = (): void => {
			const fresh = made === 0 || roll(2) === 0;
			const id = `1.${fresh ? ++made : 1 + roll(made)}`;
			const text = String.fromCharCode(97 + roll(26));
			says(home, id, text);
			expected.set(id, (expected.get(id) ?? "") + text);
		};
		for (let i = roll(25); i > 0; i--) change();

		const reader = new PageReader();
		const first = conversations.page(home.workerId, { limit: 1 + roll(6) });
		reader.take(first.items);
		let { next, previous } = first;
		for (let i = 0; i < 15 || previous !== null; i++) {
			if (i < 15 && roll(2) === 0) change();
			if (roll(2) === 0 && previous !== null) {
				const page = conversations.page(home.workerId, { before: previous, limit: 1 + roll(5) });
				reader.take(page.items);
				previous = page.previous;
			} else {
				const page = conversations.page(home.workerId, { after: next, limit: 1 + roll(5) });
				reader.take(page.items);
				next = page.next;
			}
		}
		for (;;) {
			const page = conversations.page(home.workerId, { after: next });
			if (page.items.length === 0) break;
			reader.take(page.items);
			next = page.next;
		}
		expect(reader.texts, `seed ${seed}`).toEqual([...expected].map(([id, text]) => `${id}:${text}`));
	}
});

test("a page says how to read on in both directions, and where there is nothing more", () => {
	using home = new AgentHome();
	const conversations = new Conversations(home.store);
	expect(conversations.page(home.workerId, {})).toEqual({ items: [], next: 0, previous: null });
	for (let i = 1; i <= 5; i++) says(home, `1.${i}`, "x");
	const cursors = (query: object) => {
		const { items, next, previous } = conversations.page(home.workerId, query);
		return { cursors: items.map(({ cursor }) => cursor), next, previous };
	};
	expect(cursors({ limit: 2 })).toEqual({ cursors: [4, 5], next: 5, previous: 4 });
	expect(cursors({ before: 4, limit: 2 })).toEqual({ cursors: [2, 3], next: 3, previous: 2 });
	expect(cursors({ before: 2, limit: 2 })).toEqual({ cursors: [1], next: 1, previous: null });
	expect(cursors({ after: 0, limit: 2 })).toEqual({ cursors: [1, 2], next: 2, previous: null });
	expect(cursors({ after: 5 })).toEqual({ cursors: [], next: 5, previous: 6 });
	expect(() => cursors({ after: 6 })).toThrow(/not given by this database/);
	expect(() => cursors({ after: 1, before: 5 })).toThrow(/not both/);
});

test("a follower gets what is there and then what comes, and nothing twice", async () => {
	using home = new AgentHome();
	const conversations = new Conversations(home.store);
	says(home, "1.1", "a");
	const over = new AbortController();
	const followed: string[] = [];
	const following = (async () => {
		for await (const items of conversations.follow(home.workerId, 0, over.signal)) {
			for (const { body } of items) followed.push(textOf(body));
			if (followed.length === 3) over.abort();
		}
	})();
	says(home, "1.2", "b");
	conversations.changed();
	await Bun.sleep(0);
	says(home, "1.1", "A");
	conversations.changed();
	await following;
	expect(followed).toEqual(["a", "b", "aA"]);
});
