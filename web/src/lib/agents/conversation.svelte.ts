/**
 * One agent's conversation as a page shows it: the newest items first of all, older ones when asked for, and what changes as it comes.
 * Owned by the view; `start` returns its end.
 */
import { SvelteMap } from "svelte/reactivity";
import { conversationPage, followConversation, type PageQuery } from "../../../../src/client/conversation.ts";
import { berth, workerPath } from "../api/berth.ts";
import { codeOf, sentence } from "../api/errors.ts";
import { takePlace } from "../api/places.ts";
import type { Item } from "../types.ts";
import { inOrder, isQuiet, merge } from "./items.ts";

/** Items of one page. */
const PAGE = 100;

/** Milliseconds between looks of a window for which there is no stream: many windows show conversations at once. */
const CATCH_UP_MS = 1000;

export class Conversation {
	readonly #items = new SvelteMap<string, Item>();
	readonly #path: string;
	#previous = $state<number | null>(null);
	#next = 0;
	state = $state<"loading" | "ready" | "failed">("loading");
	failure = $state("");
	readonly shown = $derived(inOrder(this.#items.values()).filter((item) => !isQuiet(item)));

	constructor(sessionId: string, workerId: string) {
		this.#path = workerPath(sessionId, workerId);
	}

	get hasOlder(): boolean {
		return this.#previous !== null;
	}

	/** A page that nobody sees follows nothing: browsers open few connections to a host. It reads on where it was. */
	start(): () => void {
		const stop = new AbortController();
		let following: AbortController | null = null;
		const look = () => {
			if (document.hidden) {
				following?.abort();
				following = null;
			} else if (following === null) {
				following = new AbortController();
				void this.#follow(AbortSignal.any([stop.signal, following.signal]));
			}
		};
		look();
		document.addEventListener("visibilitychange", look);
		return () => {
			stop.abort();
			document.removeEventListener("visibilitychange", look);
		};
	}

	async older(): Promise<void> {
		if (this.#previous === null) return;
		const page = await this.#page({ before: this.#previous, limit: PAGE });
		merge(this.#items, page.items);
		this.#previous = page.previous;
	}

	async #follow(signal: AbortSignal): Promise<void> {
		try {
			if (this.state !== "ready") {
				const page = await this.#page({ limit: PAGE });
				if (signal.aborted) return;
				merge(this.#items, page.items);
				this.#previous = page.previous;
				this.#next = page.next;
				this.state = "ready";
			}
			for (;;) {
				const leave = await takePlace();
				if (leave === null) await this.#catchUp(signal);
				else return await this.#stream(signal).finally(leave);
			}
		} catch (error) {
			if (signal.aborted || codeOf(error) === "unauthorized") return;
			this.failure = sentence(error);
			if (this.state === "loading") this.state = "failed";
		}
	}

	async #stream(signal: AbortSignal): Promise<void> {
		for await (const item of followConversation(berth.fetch, this.#path, this.#next, signal)) {
			this.#next = Math.max(this.#next, item.cursor);
			merge(this.#items, [item]);
		}
	}

	/** What is new, and then a while without a connection. */
	async #catchUp(signal: AbortSignal): Promise<void> {
		const { items, next } = await this.#page({ after: this.#next, limit: PAGE });
		signal.throwIfAborted();
		merge(this.#items, items);
		this.#next = Math.max(this.#next, next);
		if (items.length < PAGE) await new Promise((over) => setTimeout(over, CATCH_UP_MS));
		signal.throwIfAborted();
	}

	#page(query: PageQuery) {
		return conversationPage(berth.fetch, this.#path, query);
	}
}
