/** What the person has looked at: the output offset per worker and generation. More output than that is unread. */
import type { Session } from "../types.ts";
import { isRecord, remember, remembered } from "./persisted.ts";

/** Milliseconds between writes to the browser's storage while output flows past a person who looks. */
const WRITE_MS = 1000;

interface Mark {
	generation: number;
	offset: number;
}

const isMarks = (value: unknown): value is Record<string, Mark> =>
	isRecord(value) &&
	Object.values(value).every(
		(mark) => isRecord(mark) && typeof mark.generation === "number" && typeof mark.offset === "number",
	);

class Seen {
	#marks = $state<Record<string, Mark>>(remembered("seen", {}, isMarks));
	#timer: ReturnType<typeof setTimeout> | null = null;

	/** The person looks at this worker's output up to `offset`. */
	mark(workerId: string, generation: number, offset: number): void {
		const known = this.#marks[workerId];
		if (known?.generation === generation && known.offset >= offset) return;
		this.#marks[workerId] = { generation, offset };
		this.#timer ??= setTimeout(() => {
			this.#timer = null;
			remember("seen", this.#marks);
		}, WRITE_MS);
	}

	unread(session: Session): boolean {
		const worker = session.workers[0];
		if (worker === undefined) return false;
		const mark = this.#marks[worker.id];
		if (mark === undefined || mark.generation !== worker.generation)
			return worker.offset > 0 && mark !== undefined;
		return worker.offset > mark.offset;
	}

	/** Keeps no marks of workers that are gone. */
	keepOnly(workerIds: ReadonlySet<string>): void {
		const gone = Object.keys(this.#marks).filter((id) => !workerIds.has(id));
		if (gone.length === 0) return;
		for (const id of gone) delete this.#marks[id];
		remember("seen", this.#marks);
	}
}

export const seen = new Seen();
