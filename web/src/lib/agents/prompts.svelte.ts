/** The prompts of one agent: sent from here, and seen waiting. Owned by the view; `start` returns its end. */
import { answer, pathPart, workerApi } from "../api/berth.ts";
import { codeOf } from "../api/errors.ts";
import { sessions } from "../stores/sessions.svelte.ts";
import type { Prompt } from "../types.ts";

export class PromptsOf {
	readonly #sessionId: string;
	readonly #workerId: string;
	#sent: Promise<void> = Promise.resolve();
	/** Oldest first. */
	waiting = $state.raw<Prompt[]>([]);

	constructor(sessionId: string, workerId: string) {
		this.#sessionId = sessionId;
		this.#workerId = workerId;
	}

	start(): () => void {
		void this.#look();
		return sessions.onEvent(({ type, workerId }) => {
			if (workerId === this.#workerId && type.startsWith("prompt.")) void this.#look();
		});
	}

	/** One after the other: what was sent first is queued first. */
	send(text: string, images: string[]): Promise<void> {
		const sent = this.#sent.then(async () => {
			await answer(this.#worker.prompts.post({ text, ...(images.length > 0 ? { images } : {}) }));
		});
		this.#sent = sent.catch(() => {});
		return sent;
	}

	async cancel(id: string): Promise<void> {
		await answer(this.#worker.prompts({ id: pathPart(id) }).delete());
	}

	async interrupt(): Promise<void> {
		await answer(this.#worker.interrupt.post());
	}

	get #worker() {
		return workerApi(this.#sessionId, this.#workerId);
	}

	async #look(): Promise<void> {
		try {
			const all = await answer(this.#worker.prompts.get());
			this.waiting = all.filter(({ state }) => state === "pending");
		} catch (error) {
			// The connection's and the login's own stores show those; the next event asks again.
			const code = codeOf(error);
			if (code !== "daemon_unreachable" && code !== "unauthorized" && code !== "worker_not_found")
				throw error;
		}
	}
}
