/** Short messages at the edge of the page. Good news goes by itself; a failure stays until it is put away. */

export interface Toast {
	id: number;
	kind: "done" | "failed" | "question";
	text: string;
	actions: { label: string; run: () => void }[];
}

/** Milliseconds that good news stays. */
const STAYS_MS = 4000;

class Toasts {
	list = $state.raw<Toast[]>([]);
	#next = 1;

	done(text: string): void {
		const id = this.#add({ kind: "done", text, actions: [] });
		setTimeout(() => this.remove(id), STAYS_MS);
	}

	failed(text: string): void {
		// The same failure twice is one message.
		if (this.list.some((toast) => toast.text === text)) return;
		this.#add({ kind: "failed", text, actions: [] });
	}

	/** Stays until one of the actions was chosen. */
	question(text: string, actions: Toast["actions"]): void {
		this.#add({ kind: "question", text, actions });
	}

	remove(id: number): void {
		this.list = this.list.filter((toast) => toast.id !== id);
	}

	#add(toast: Omit<Toast, "id">): number {
		const id = this.#next++;
		this.list = [...this.list, { ...toast, id }];
		return id;
	}
}

export const toasts = new Toasts();
