/** The worker's state in one answer. */
import type { HolderStatus } from "../contract/link.ts";
import { readProcess } from "../platform/processes/index.ts";
import type { Worker } from "./worker.ts";

export function statusOf(worker: Worker): HolderStatus {
	const { spec, tracker, clients } = worker;
	const group = worker.foregroundGroup();
	const job = group === null || group === worker.pid ? null : readProcess(group);
	return {
		workerId: spec.workerId,
		generation: spec.generation,
		holderPid: process.pid,
		pid: worker.exit === null ? worker.pid : null,
		exit: worker.exit,
		title: worker.title,
		cwd: worker.cwd,
		cols: worker.size.cols,
		rows: worker.size.rows,
		offset: worker.offset,
		startOffset: worker.startOffset,
		viewers: clients.viewers,
		writers: clients.writers,
		prompt: tracker.prompt,
		foreground: job?.comm ?? null,
		lastOutputAt: worker.lastOutputAt,
		lastInputAt: worker.lastInputAt,
		shell: tracker.integration?.shell ?? null,
		port: spec.port,
		lastLine: lastLine(worker),
		...(worker.typed === null ? {} : { typed: worker.typed }),
	};
}

/** Characters of the last line that are told: a row of a list shows no more. */
const LAST_LINE_LIMIT = 200;

function lastLine({ screen }: Worker): string {
	return (
		screen
			.lines()
			.findLast((line) => line.trim() !== "")
			?.slice(0, LAST_LINE_LIMIT) ?? ""
	);
}
