/**
 * How workers ended: what their holders recorded on the disk, what they told when the disk refused the record, and what is recorded for
 * a holder that could not. Who finds an exit first records it in the store, and the others find it there.
 */
import type { ExitRecord } from "../../contract/link.ts";
import { readExitRecord, writeExitRecord } from "../../journal/exit-record.ts";
import { openJournal } from "../../journal/reader.ts";
import { ensurePrivateDir } from "../../platform/files.ts";
import { generationDir } from "../../platform/paths.ts";
import type { ProcessEnd } from "../../platform/processes/index.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { ControlContext } from "./control-context.ts";
import { type Start, startOf, type WorkerRecords } from "./worker-records.ts";

export class Exits {
	readonly #context: ControlContext;
	readonly #records: WorkerRecords;
	/** By worker: a newer generation's word takes the place of the old one's. */
	readonly #told = new Map<string, ExitRecord>();

	constructor(context: ControlContext, records: WorkerRecords) {
		this.#context = context;
		this.#records = records;
	}

	/** A holder has told the exit. */
	heard(record: ExitRecord): void {
		this.#told.set(record.workerId, record);
		this.settle(record);
	}

	/** Drops what was told of a worker that is recorded as ended. */
	forget(workerId: string): void {
		this.#told.delete(workerId);
	}

	/** How this start ended; null while it has not, or nobody knows. */
	of({ workerId, generation }: Start): ExitRecord | null {
		const record = readExitRecord(generationDir(this.#context.paths, workerId, generation));
		if (record && record.workerId === workerId && record.generation === generation) return record;
		const told = this.#told.get(workerId);
		return told?.generation === generation ? told : null;
	}

	/**
	 * Records the exit in the store if it is known; whether it is. While a worker is being stopped the stopper alone says when it has
	 * ended: when nothing of its tree is left.
	 */
	settle(start: Start): boolean {
		const record = this.of(start);
		if (!record) return false;
		const { code, signal, reason, offset, at } = record;
		const stopping = this.#records.live(start)?.state === "stopping";
		if (!stopping) this.#records.ended({ ...startOf(start), exit: { code, signal, reason }, offset, at });
		return true;
	}

	/** Writes the record that the holder owed, as far as it can be known; `end` is the child's status when nobody had waited for it. */
	recordFor(row: WorkerRow, end: ProcessEnd | null): ExitRecord {
		const record: ExitRecord = {
			code: end?.code ?? null,
			signal: end?.signal ?? null,
			reason: row.stopReason ?? "killed",
			workerId: row.id,
			generation: row.generation,
			at: this.#context.now(),
			offset: this.journalEnd(row),
		};
		const dir = generationDir(this.#context.paths, row.id, row.generation);
		try {
			ensurePrivateDir(dir);
			writeExitRecord(dir, record);
		} catch (error) {
			// The store will know it. Nothing is left to be stopped, whatever the disk says.
			this.#context.log("error", "an exit could not be recorded", { worker: row.id, error: String(error) });
		}
		return record;
	}

	/** End of the output that is on the disk; as last heard when the folder cannot be read. */
	journalEnd(row: WorkerRow): number {
		try {
			return openJournal(generationDir(this.#context.paths, row.id, row.generation)).endOffset;
		} catch (error) {
			this.#context.log("warn", "a journal cannot be read", { worker: row.id, error: String(error) });
			return row.offset;
		}
	}
}
