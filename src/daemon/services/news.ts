/** What holders tell of living workers: kept as the worker's latest status, and written down as facts. */
import type { HolderStatus, Notice } from "../../contract/link.ts";
import type { FactWriter, WorkerFacts } from "./fact-writer.ts";

/** A worker that is heard of. */
export interface Heard {
	sessionId: string;
	workerId: string;
	/** Null until the first status, which comes before any other notice. */
	status: HolderStatus | null;
}

type StatusFacts = Pick<WorkerFacts, "title" | "cwd" | "cols" | "rows" | "viewers" | "writers" | "prompt">;

/** Everything but the exit, which is no news but an end. */
export type LivingNotice = Exclude<Notice, { kind: "exit" }>;

export class News {
	readonly #facts: FactWriter;
	readonly #now: () => number;

	constructor(facts: FactWriter, now: () => number) {
		this.#facts = facts;
		this.#now = now;
	}

	hear(worker: Heard, notice: LivingNotice): void {
		switch (notice.kind) {
			case "status":
				this.#status(worker, notice.status);
				break;
			case "title":
				this.#changed(worker, { title: notice.title });
				break;
			case "cwd":
				this.#changed(worker, { cwd: notice.cwd });
				break;
			case "size":
				this.#changed(worker, { cols: notice.cols, rows: notice.rows });
				break;
			case "prompt":
				this.#changed(worker, { prompt: notice.prompt });
				this.#alive(worker);
				break;
			case "viewers":
				this.#changed(worker, { viewers: notice.viewers, writers: notice.writers });
				this.#alive(worker);
				break;
			case "bell":
				this.#facts.bell(worker.sessionId, worker.workerId);
				break;
			case "notification": {
				const { title, body } = notice;
				this.#facts.notification(worker.sessionId, worker.workerId, { title, body });
				break;
			}
			case "command":
				this.#facts.command(worker.sessionId, worker.workerId, notice.command);
				break;
		}
	}

	#status(worker: Heard, status: HolderStatus): void {
		const first = worker.status === null;
		worker.status = status;
		const { title, cols, rows, offset, lastOutputAt, lastInputAt } = status;
		const output = { offset, activeAt: Math.max(lastOutputAt, lastInputAt) };
		// Later ones tell of output only: what else changed has its own notice.
		this.#facts.changed(worker.workerId, first ? { title, cols, rows, ...output } : output);
	}

	#changed(worker: Heard, facts: StatusFacts): void {
		if (worker.status) Object.assign(worker.status, facts);
		this.#facts.changed(worker.workerId, facts);
	}

	/** Somebody came or went, or a job began or ended: idleness is counted from now. */
	#alive(worker: Heard): void {
		this.#facts.changed(worker.workerId, { activeAt: this.#now() });
	}
}
