/** What every command is given: the world outside, and the ways to speak to it. Nothing is opened before it is asked for. */
import { isTerminal, windowSize } from "../platform/libc.ts";
import { type Paths, pathsFrom } from "../platform/paths.ts";
import type { Api } from "./api.ts";
import type { Catalogue } from "./catalogue.ts";
import { writeAll } from "./output/out.ts";
import { type Style, styleFor } from "./output/style.ts";
import type { Env, Surroundings } from "./surroundings.ts";

export type { Env };

export class Cli implements Surroundings {
	readonly env: Env;
	readonly cwd: string;
	/** Every command there is, for those that speak of others. */
	readonly catalogue: Catalogue;
	#paths: Paths | null = null;
	#api: Promise<Api> | null = null;
	#style: Style | null = null;

	constructor(env: Env, cwd: string, catalogue: Catalogue) {
		this.env = env;
		this.cwd = cwd;
		this.catalogue = catalogue;
	}

	get paths(): Paths {
		this.#paths ??= pathsFrom(this.env);
		return this.#paths;
	}

	/** Unix milliseconds. */
	now(): number {
		return Date.now();
	}

	/** The daemon; it is started by the first request that finds none. */
	api(): Promise<Api> {
		this.#api ??= import("./open-api.ts").then(({ openApi }) => openApi(this, { autostart: true }));
		return this.#api;
	}

	/** The daemon if it runs; a request throws `daemon_unreachable` when it does not. */
	async runningApi(): Promise<Api> {
		const { openApi } = await import("./open-api.ts");
		return openApi(this, { autostart: false });
	}

	/** Id of the session that this process runs in, from its environment. */
	get insideSession(): string | null {
		return this.env.BERTH_SESSION || null;
	}

	get stdinIsTerminal(): boolean {
		return isTerminal(0);
	}

	get stdoutIsTerminal(): boolean {
		return isTerminal(1);
	}

	/** Size in cells of the terminal that standard output is; null for anything else, and for one that does not know. */
	get window(): { cols: number; rows: number } | null {
		const size = windowSize(1);
		return size !== null && size.cols > 0 && size.rows > 0 ? size : null;
	}

	/** Columns of that terminal. */
	get columns(): number | null {
		return this.window?.cols ?? null;
	}

	get style(): Style {
		this.#style ??= styleFor(this.env, this.stdoutIsTerminal);
		return this.#style;
	}

	/** Writes to standard output. */
	write(data: string | Uint8Array): void {
		writeAll(1, data);
	}

	/** One line on standard output. */
	print(line: string): void {
		writeAll(1, `${line}\n`);
	}

	/** The API's own shape: one line for programs, indented for people. */
	printJson(value: unknown): void {
		writeAll(1, `${JSON.stringify(value, null, this.stdoutIsTerminal ? 2 : 0)}\n`);
	}

	/** One line on standard error, for people: never part of a command's result. */
	note(line: string): void {
		writeAll(2, `${line}\n`);
	}
}
