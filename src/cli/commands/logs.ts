import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Worker } from "../../contract/session.ts";
import { isLive } from "../../contract/state.ts";
import { followJournal } from "../../journal/follow.ts";
import { openJournal } from "../../journal/reader.ts";
import type { Api } from "../api.ts";
import type { Cli } from "../cli.ts";
import { type Run, UsageError } from "../command.ts";
import { journalDir, lastLinesOffset } from "../journal.ts";
import { LineEnds, SafeText } from "../output/bytes.ts";
import type { logs } from "../registry/read.ts";

/** Milliseconds between looks whether a holder died without recording an exit: its journal then never says that it is over. */
const LOST_LOOK_MS = 2000;

export const run: Run<typeof logs> = async (cli, { flags, operands }) => {
	if (flags.raw && flags.plain) throw new UsageError("--raw and --plain exclude each other", "logs");
	if (flags.from !== undefined && flags.lines !== undefined) {
		throw new UsageError("--from and --lines exclude each other", "logs");
	}
	const api = await cli.api();
	const { worker } = await api.getTarget(operands[0]!);
	const generation = flags.generation ?? worker.generation;
	const dir = journalDir(cli, worker, generation);
	const from = flags.lines === undefined ? (flags.from ?? 0) : lastLinesOffset(dir, flags.lines);
	const live = generation === worker.generation && isLive(worker.state);

	const over = new AbortController();
	const watch = flags.follow && live ? watchForLoss(api, worker, generation, over) : null;
	const pieces = flags.follow && live ? followJournal(dir, from, over.signal) : openJournal(dir).chunks(from);
	const print = printer(cli, flags, generation);
	let at = from;
	try {
		for await (const { offset, bytes } of pieces) {
			if (offset > at && at > 0)
				cli.note(`berth: ${offset - at} bytes from offset ${at} on are no longer kept`);
			print.piece(offset, bytes);
			at = offset + bytes.length;
		}
		print.end();
	} finally {
		if (watch !== null) clearInterval(watch);
	}
};

interface Printer {
	piece(offset: number, bytes: Uint8Array): void;
	end(): void;
}

function printer(
	cli: Cli,
	flags: { json: boolean; raw: boolean; plain: boolean },
	generation: number,
): Printer {
	if (flags.json) {
		const line = (offset: number, bytes: Uint8Array) =>
			JSON.stringify({ generation, offset, base64: Buffer.from(bytes).toString("base64") });
		return { piece: (offset, bytes) => cli.print(line(offset, bytes)), end: () => {} };
	}
	if (flags.raw || (!flags.plain && !cli.stdoutIsTerminal)) {
		return { piece: (_, bytes) => cli.write(bytes), end: () => {} };
	}
	const safe = new SafeText(!flags.plain && !cli.env.NO_COLOR);
	const lineEnds = new LineEnds();
	return {
		piece: (_, bytes) => cli.write(lineEnds.push(safe.push(bytes))),
		end: () => cli.write(Buffer.concat([lineEnds.push(safe.end()), lineEnds.end()])),
	};
}

function watchForLoss(api: Api, { sessionId, id }: Worker, generation: number, over: AbortController): Timer {
	return setInterval(async () => {
		try {
			const worker = await answer(api.worker(sessionId, id).get());
			if (worker.state === "lost" || worker.generation !== generation) over.abort();
		} catch (error) {
			// Without the daemon nobody can say; the journal itself goes on being followed.
			if (!(error instanceof BerthError) || error.status < 500) over.abort();
		}
	}, LOST_LOOK_MS);
}
