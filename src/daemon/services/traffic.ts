/** What /metrics tells of the daemon's own traffic. Lives as long as the daemon. */

export class Traffic {
	/** Answers by status class: `2xx` … `5xx`; an upgrade is `1xx`. */
	readonly answers = new Map<string, number>();
	/** Attach streams that pass through the daemon now. */
	attached = 0;
	/** All answers. */
	total = 0;

	count(status: number): void {
		this.total++;
		const name = `${Math.floor(status / 100)}xx`;
		this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
	}
}
