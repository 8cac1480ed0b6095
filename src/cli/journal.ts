/** The output of a worker of ours, straight from the folder on this machine. */
import { existsSync } from "node:fs";
import { BerthError } from "../contract/errors.ts";
import type { Worker } from "../contract/session.ts";
import { type JournalReader, openJournal } from "../journal/reader.ts";
import { generationDir } from "../platform/paths.ts";
import type { Cli } from "./cli.ts";

/** Bytes read at once while looking for line ends from the back. */
const BLOCK_BYTES = 64 * 1024;
const LF = 0x0a;

export function journalDir(
	cli: Cli,
	worker: Pick<Worker, "id" | "generation">,
	generation = worker.generation,
): string {
	const dir = generationDir(cli.paths, worker.id, generation);
	if (existsSync(dir)) return dir;
	throw new BerthError(
		"not_found",
		generation === worker.generation
			? `${dir} is missing; does the daemon use another BERTH_HOME or XDG_STATE_HOME? berth doctor tells`
			: `generation ${generation} is not kept; the current one is ${worker.generation}`,
	);
}

/** The offset at which the last `count` lines start. */
export function lastLinesOffset(dir: string, count: number): number {
	const journal: JournalReader = openJournal(dir);
	const { startOffset, endOffset } = journal;
	if (count === 0) return endOffset;
	let wanted = count;
	for (let to = endOffset; to > startOffset; ) {
		const from = Math.max(startOffset, to - BLOCK_BYTES);
		const { offset, bytes } = journal.read(from, to);
		for (let at = bytes.length - 1; at >= 0; at--) {
			// The line feed that ends the output ends its last line; it does not begin another.
			if (bytes[at] !== LF || offset + at === endOffset - 1) continue;
			wanted--;
			if (wanted === 0) return offset + at + 1;
		}
		to = from;
	}
	return startOffset;
}
