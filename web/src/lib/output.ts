/** Output of one command as text, from the journal. */
import { berth, workerPath } from "./api/berth.ts";
import { asLines } from "./lines.ts";
import type { CommandBlock, Session, Worker } from "./types.ts";

/** Bytes of output that a block shows: its end says how it ended. */
const SHOWN_BYTES = 128 * 1024;

export interface OutputText {
	text: string;
	/** Bytes that the command printed. */
	whole: number;
	cut: boolean;
}

export async function readOutput(session: Session, worker: Worker, block: CommandBlock): Promise<OutputText> {
	const whole = block.endOffset - block.startOffset;
	const from = Math.max(block.startOffset, block.endOffset - SHOWN_BYTES);
	const query = new URLSearchParams({
		from: String(from),
		to: String(block.endOffset),
		generation: String(worker.generation),
	});
	const path = `${workerPath(session.id, worker.id)}/journal?${query}`;
	const text = await (await berth.fetch(path)).text();
	return { text: asLines(text), whole, cut: from > block.startOffset };
}
