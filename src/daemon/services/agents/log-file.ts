/** Reads whole lines of an agent's log on from a byte. What the holder is just writing is left for the next time. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { AGENT_LOG, type AgentRecord } from "../../../contract/agent-log.ts";

/** Bytes that are read at once, and stored before anybody else gets his turn. A longer line is read whole. */
const CHUNK_BYTES = 128 * 1024;

const NEWLINE = 0x0a;

export interface LogPiece {
	records: AgentRecord[];
	/** Lines that are no records: the disk's fault, or a stranger's. */
	broken: number;
	/** Byte after the last whole line; where to read on. */
	end: number;
	/** There was nothing more to read. */
	last: boolean;
}

/** The next piece of a generation's log. Without a file there is nothing. */
export function readLog(generationDir: string, from: number): LogPiece {
	const fd = openLog(join(generationDir, AGENT_LOG));
	if (fd === null) return { records: [], broken: 0, end: from, last: true };
	try {
		const bytes = wholeLines(fd, from, fstatSync(fd).size);
		const lines = bytes.toString("utf8").split("\n").slice(0, -1);
		const records = lines.map(recordOf).filter((record) => record !== null);
		return {
			records,
			broken: lines.length - records.length,
			end: from + bytes.length,
			last: bytes.length === 0,
		};
	} finally {
		closeSync(fd);
	}
}

function openLog(path: string): number | null {
	try {
		return openSync(path, "r");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
}

/** The bytes from `from` up to the last end of a line among the next ones; none when there is none up to the file's end. */
function wholeLines(fd: number, from: number, size: number): Buffer {
	for (let want = CHUNK_BYTES; ; want *= 2) {
		const chunk = Buffer.alloc(Math.max(0, Math.min(want, size - from)));
		const read = readSync(fd, chunk, 0, chunk.length, from);
		const end = chunk.subarray(0, read).lastIndexOf(NEWLINE) + 1;
		if (end > 0 || from + want >= size) return chunk.subarray(0, end);
	}
}

function recordOf(line: string): AgentRecord | null {
	try {
		const record: unknown = JSON.parse(line);
		return isRecord(record) ? record : null;
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

/** The holder is trusted with the rest: it is ours, and the file is private. */
function isRecord(value: unknown): value is AgentRecord {
	return typeof value === "object" && value !== null && "n" in value && "at" in value && "kind" in value;
}
