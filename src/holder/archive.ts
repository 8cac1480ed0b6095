/**
 * Rendered text of a worker that has ended: its journal is played through a fresh screen, sizes included, and one question is
 * answered. One process per question: nothing stays in memory for sessions that nobody looks at.
 *
 *   stdin   {"method":"screen"|"output","params":{…}}      as over the link
 *   stdout  the result, or {"problem":{…}} with exit code 1
 *
 * A full journal (64 MiB) takes about a second; see archive.test.ts for the bound that is held.
 */
import { readFileSync, writeSync } from "node:fs";
import { setPriority } from "node:os";
import { BerthError } from "../contract/errors.ts";
import { type HolderSpec, LINK_PROTOCOL } from "../contract/link.ts";
import { openJournal } from "../journal/reader.ts";
import { timeline } from "../journal/timeline.ts";
import { readJson } from "../platform/files.ts";
import { generationDir, pathsFrom, workerSpecFile } from "../platform/paths.ts";
import { checks } from "./params.ts";
import { outputOf, screenOf } from "./rendering.ts";
import type { Screen, ScreenEngine } from "./screen/engine.ts";
import { screenEngine } from "./screen/index.ts";

/** Niceness of a question about the past: whatever lives goes first. */
const NICENESS = 10;

export async function runArchive(argv: string[], env: Record<string, string | undefined>): Promise<void> {
	setPriority(NICENESS);
	try {
		print(await answer(argv, env, readFileSync(0, "utf8")));
	} catch (error) {
		print({ problem: BerthError.from(error).toProblem() });
		process.exitCode = 1;
	}
}

async function answer(
	[workerId = "", generation = ""]: string[],
	env: Record<string, string | undefined>,
	request: string,
): Promise<unknown> {
	const paths = pathsFrom(env);
	const spec = readJson<HolderSpec>(workerSpecFile(paths, workerId));
	if (spec === null || spec.protocol !== LINK_PROTOCOL || !/^\d+$/.test(generation)) {
		throw new BerthError("worker_not_found", `there is nothing kept of ${workerId} generation ${generation}`);
	}
	const { method, params } = parseRequest(request);
	const dir = generationDir(paths, workerId, Number(generation));
	const screen = replay(await screenEngine(spec.screen, paths.cache), dir, spec);
	try {
		const offset = openJournal(dir).endOffset;
		return method === "screen"
			? screenOf(screen, offset, checks.screen(params, false).format)
			: outputOf(screen, offset, checks.output(params, false).lines);
	} finally {
		screen.close();
	}
}

function parseRequest(text: string): { method: "screen" | "output"; params: unknown } {
	let request: unknown;
	try {
		request = JSON.parse(text);
	} catch (error) {
		throw new BerthError("bad_request", "the request on standard input is not JSON", undefined, error);
	}
	const { method, params } = (request ?? {}) as { method?: unknown; params?: unknown };
	if (method !== "screen" && method !== "output") {
		throw new BerthError("unknown_method", `an ended worker cannot be asked for ${JSON.stringify(method)}`);
	}
	return { method, params };
}

/** The screen as it was at the journal's end. */
export function replay(
	engine: ScreenEngine,
	dir: string,
	size: { cols: number; rows: number; scrollbackLines: number },
): Screen {
	const screen = engine.open({
		cols: size.cols,
		rows: size.rows,
		scrollbackLines: size.scrollbackLines,
		onTitle: () => {},
		onBell: () => {},
		onReply: () => {},
	});
	for (const moment of timeline(dir)) {
		if (moment.kind === "size") screen.resize(moment.size.cols, moment.size.rows);
		else screen.write(moment.bytes);
	}
	return screen;
}

/** All of it: a pipe takes 64 KiB at a time. */
function print(value: unknown): void {
	const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
	let written = 0;
	while (written < bytes.length) written += writeSync(1, bytes, written);
}
