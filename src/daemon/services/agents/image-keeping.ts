/**
 * Removes images that nothing refers to: neither an item of a conversation nor a prompt. One that was put in lately stays, for the prompt
 * or the record that will refer to it may still be on its way.
 */
import type { ImageStore } from "../../../platform/images.ts";
import { imagesInItems } from "../../../store/items.ts";
import { imagesInPrompts } from "../../../store/prompts.ts";
import type { Reader } from "../../../store/store.ts";

/** Milliseconds for which an image stays without being referred to. */
const GRACE_MS = 24 * 3600 * 1000;

/** Milliseconds between two looks; the first comes after one of them, when the logs have been read. */
const LOOK_MS = 3600 * 1000;

export interface ImageKeepingOptions {
	read: Reader;
	images: ImageStore;
	/** Unix milliseconds. */
	now: () => number;
	onFailure: (error: unknown) => void;
}

export class ImageKeeping {
	readonly #options: ImageKeepingOptions;
	readonly #timer: Timer;

	constructor(options: ImageKeepingOptions) {
		this.#options = options;
		this.#timer = setInterval(() => this.#guarded(), LOOK_MS);
		this.#timer.unref();
	}

	/** How many were removed. */
	look(): number {
		const { read, images, now } = this.#options;
		const old = images.olderThan(now() - GRACE_MS);
		if (old.length === 0) return 0;
		const used = new Set([...imagesInItems(read), ...imagesInPrompts(read)]);
		const unused = old.filter((sha256) => !used.has(sha256));
		for (const sha256 of unused) images.remove(sha256);
		return unused.length;
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#guarded(): void {
		try {
			this.look();
		} catch (error) {
			this.#options.onFailure(error);
		}
	}
}
