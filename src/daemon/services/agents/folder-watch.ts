/** Tells when a file in a folder changes. The folder need not be there; once it is, `begin` finds it. */
import { existsSync, type FSWatcher, watch } from "node:fs";

/** Milliseconds that changes are gathered for: an editor's save is several. */
const GATHER_MS = 100;

export class FolderWatch {
	readonly #folder: string;
	readonly #changed: () => void;
	#watcher: FSWatcher | null = null;
	#timer: Timer | null = null;

	constructor(folder: string, changed: () => void) {
		this.#folder = folder;
		this.#changed = changed;
	}

	/** Watches from now on, if the folder is there. Idempotent. */
	begin(): void {
		if (this.#watcher || !existsSync(this.#folder)) return;
		this.#watcher = watch(this.#folder, { persistent: false }, (event) => {
			// Its own removal comes as a rename as well; one that is made anew has to be watched anew.
			if (event === "rename" && !existsSync(this.#folder)) this.#close();
			this.#timer ??= setTimeout(() => {
				this.#timer = null;
				this.#changed();
			}, GATHER_MS);
		});
		this.#watcher.on("error", () => this.#close());
	}

	stop(): void {
		this.#close();
		if (this.#timer) clearTimeout(this.#timer);
	}

	#close(): void {
		this.#watcher?.close();
		this.#watcher = null;
	}
}
