/** The registered git repositories, read while something shows them. */
import { answer, berth, pathPart } from "../api/berth.ts";
import { sentence } from "../api/errors.ts";
import type { Repository } from "../types.ts";
import { sessions } from "./sessions.svelte.ts";

class Repositories {
	/** By name; null until they are known. */
	list = $state.raw<Repository[] | null>(null);
	failure = $state("");

	/** Reads them, and again when one comes or goes, until the returned function is called. */
	start(): () => void {
		void this.#load();
		return sessions.onEvent(({ type }) => {
			if (type.startsWith("repository.")) void this.#load();
		});
	}

	/** Any directory in the repository will do. Registering it again is no failure. */
	async add(path: string): Promise<Repository> {
		const repository = await answer(berth.api.repos.post({ path }));
		await this.#load();
		return repository;
	}

	async remove({ id }: Repository): Promise<void> {
		await answer(berth.api.repos({ id: pathPart(id) }).delete());
		await this.#load();
	}

	async #load(): Promise<void> {
		try {
			this.list = await answer(berth.api.repos.get());
			this.failure = "";
		} catch (error) {
			this.failure = sentence(error);
		}
	}
}

export const repositories = new Repositories();
