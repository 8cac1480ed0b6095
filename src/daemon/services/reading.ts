/**
 * What a terminal shows, or showed when it ended. A live worker's holder answers; an ended one's output is played again by a
 * one-shot process that is gone afterwards, so that the daemon never holds a screen in its memory.
 */
import { BerthError, type Problem } from "../../contract/errors.ts";
import type { OutputText, ScreenFormat, ScreenView } from "../../contract/io.ts";
import type { LinkMethods } from "../../contract/link.ts";
import { isLive } from "../../contract/state.ts";
import type { SessionsService } from "./sessions-service.ts";

/** Milliseconds that a holder may take for what it has in memory. One that is stopped or gone must not hang the caller. */
export const HOLDER_ANSWER_MS = 10_000;

/** Milliseconds for playing a whole journal again. */
const ARCHIVE_LIMIT_MS = 60_000;

/** Archive processes at once: each takes a core and a screen's memory for a moment. */
const ARCHIVES_AT_ONCE = 2;

type ReadMethod = "screen" | "output";

export interface ReadingOptions {
	sessions: SessionsService;
	selfArgv: () => readonly string[];
	env: Record<string, string>;
}

export class Reading {
	readonly #options: ReadingOptions;
	#running = 0;
	readonly #waiting: (() => void)[] = [];

	constructor(options: ReadingOptions) {
		this.#options = options;
	}

	screen(ref: string, wid: string | undefined, format: ScreenFormat): Promise<ScreenView> {
		return this.#read("screen", ref, wid, { format });
	}

	output(ref: string, wid: string | undefined, lines: number | undefined): Promise<OutputText> {
		return this.#read("output", ref, wid, lines === undefined ? {} : { lines });
	}

	async #read<M extends ReadMethod>(
		method: M,
		ref: string,
		wid: string | undefined,
		params: LinkMethods[M]["params"],
	): Promise<LinkMethods[M]["result"]> {
		const { sessions } = this.#options;
		if (isLive(sessions.worker(ref, wid).state)) {
			try {
				return await sessions.holder(ref, wid).call(method, params, HOLDER_ANSWER_MS);
			} catch (error) {
				// It may have ended between the look and the call: then its journal tells.
				if (isLive(sessions.worker(ref, wid).state)) throw error;
			}
		}
		const { id, generation } = sessions.worker(ref, wid);
		return (await this.#archive(id, generation, { method, params })) as LinkMethods[M]["result"];
	}

	async #archive(workerId: string, generation: number, request: object): Promise<unknown> {
		if (this.#running >= ARCHIVES_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		this.#running++;
		try {
			return await this.#replay(workerId, generation, request);
		} finally {
			this.#running--;
			this.#waiting.shift()?.();
		}
	}

	async #replay(workerId: string, generation: number, request: object): Promise<unknown> {
		const { selfArgv, env } = this.#options;
		const child = Bun.spawn([...selfArgv(), "holder", "archive", workerId, String(generation)], {
			env,
			stdin: Buffer.from(JSON.stringify(request)),
			stdout: "pipe",
			stderr: "pipe",
			timeout: ARCHIVE_LIMIT_MS,
			killSignal: "SIGKILL",
		});
		const [answer, complaint, status] = await Promise.all([
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
			child.exited,
		]);
		const result = parse(answer);
		if (status === 0 && result !== null) return result;
		if (result !== null && "problem" in result) throw BerthError.fromProblem(result.problem as Problem);
		throw new BerthError("internal", `the output of ${workerId} could not be rendered: ${complaint.trim()}`);
	}
}

function parse(text: string): Record<string, unknown> | null {
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}
