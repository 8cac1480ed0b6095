/** What /metrics tells of the daemon's own traffic. Lives as long as the daemon. */

export class Traffic {
	/** Answers by status class: `2xx` … `5xx`; an upgrade is `1xx`. */
	readonly answers = new Map<string, number>();
	/** Attach streams that pass through the daemon now. */
	attached = 0;
	readonly #answered: () => void;

	/** `answered` is told of every answer. */
	constructor(answered: () => void) {
		this.#answered = answered;
	}

	count(status: number): void {
		this.#answered();
		const name = `${Math.floor(status / 100)}xx`;
		this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
	}
}
