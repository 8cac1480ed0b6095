/**
 * Requests for permission: those that wait, live, and those that were asked for once. Owned by the page for as long as it is logged in.
 */
import { SvelteMap } from "svelte/reactivity";
import { answer, berth, onFinding, pathPart } from "../api/berth.ts";
import { codeOf } from "../api/errors.ts";
import type { Permission } from "../types.ts";
import { sessions } from "./sessions.svelte.ts";

class Permissions {
	readonly #byId = new SvelteMap<string, Permission>();
	readonly #asked = new Set<string>();

	/** Oldest first: the first has waited longest, and ends first. */
	readonly waiting = $derived(
		[...this.#byId.values()]
			.filter(({ state }) => state === "pending")
			.sort((a, b) => a.createdAt - b.createdAt),
	);

	/** What is known of it; asked for when it is not. */
	get(id: string): Permission | undefined {
		const known = this.#byId.get(id);
		if (known === undefined && !this.#asked.has(id)) {
			this.#asked.add(id);
			queueMicrotask(() => void this.#load(id));
		}
		return known;
	}

	/** Follows until the returned function is called. */
	start(): () => void {
		const stop = new AbortController();
		const stopEvents = sessions.onEvent(({ type, data }) => {
			if (type !== "permission.requested" && type !== "permission.ended") return;
			if (typeof data.id === "string") void this.#load(data.id);
		});
		const stopFindings = onFinding((finding) => {
			if (finding === "events-open") void this.#loadWaiting(stop.signal);
		});
		void this.#loadWaiting(stop.signal);
		return () => {
			stop.abort();
			stopEvents();
			stopFindings();
			this.#byId.clear();
			this.#asked.clear();
		};
	}

	async #load(id: string): Promise<void> {
		try {
			this.#byId.set(id, await answer(berth.api.permissions({ id: pathPart(id) }).get()));
		} catch (error) {
			// Forgotten with its session, or the connection is gone: then the next stream's opening asks again.
			if (codeOf(error) === "permission_not_found") this.#byId.delete(id);
			this.#asked.delete(id);
		}
	}

	async #loadWaiting(signal: AbortSignal): Promise<void> {
		try {
			const found = await answer(berth.api.permissions.get({ query: { state: "pending" } }));
			if (signal.aborted) return;
			const still = new Set(found.map(({ id }) => id));
			for (const { id } of this.waiting) if (!still.has(id)) void this.#load(id);
			for (const permission of found) this.#byId.set(permission.id, permission);
		} catch (error) {
			// The connection's store shows that nothing answers; the next opening of the stream asks again.
			if (codeOf(error) === "internal") throw error;
		}
	}
}

export const permissions = new Permissions();
