/**
 * One attachment: the user's terminal on one side, a worker's stream on the other.
 *
 * It owns the terminal's modes from `enter` to `leave`. Every way out goes through `leave`: detaching, the process's end, an error, a
 * signal, an uncaught exception, a terminal that hangs up.
 */

import { BerthError } from "../../contract/errors.ts";
import type { KeyState, TerminalMarks } from "../../contract/lending.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { signalNumber } from "../../contract/signals.ts";
import { type Exit, isLive, shellStatus } from "../../contract/state.ts";
import type { AttachRequest, Role } from "../../contract/stream.ts";
import { readExitRecord } from "../../journal/exit-record.ts";
import { compileAsUsual } from "../../platform/compiling.ts";
import { loadSettings } from "../../platform/config.ts";
import { isTerminal } from "../../platform/libc.ts";
import { generationDir } from "../../platform/paths.ts";
import { onWindowChange, UserTerminal } from "../../platform/terminal.ts";
import { describeKeys, parseDetachKeys } from "../../terminal/detach-keys.ts";
import type { Api } from "../api.ts";
import type { Cli } from "../cli.ts";
import { OutputClosed } from "../output/out.ts";
import { exitValue } from "../output/state.ts";
import { Keyboard, type KeyboardHost } from "./keyboard.ts";
import { Lending } from "./lending.ts";
import { withLimit } from "./limit.ts";
import { type StreamHost, type Whereabouts, WorkerStream } from "./stream.ts";
import { View, type ViewHost } from "./view.ts";

export interface AttachFlags {
	readOnly?: boolean;
	noResize?: boolean;
	/** Lines of history to paint; all by default. */
	scrollback?: number;
	detachKeys?: string;
}

/** Milliseconds that the daemon may take to say where a worker is; without an answer we go on without it. */
const LOCATE_MS = 2000;

/** Ctrl-C, for somebody who only watches: it cannot mean anything else there. */
const CTRL_C = 3;

/** Milliseconds that a connection may be down before the user is told: a daemon's or holder's hiccup is not worth a line. */
const TELL_LOST_MS = 1500;

/** Signals that end us; each restores the terminal first. */
const endings = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Attaches until the user leaves or the process ends; the result is berth's exit status. */
export async function attachTo(
	cli: Cli,
	api: Api,
	session: Session,
	worker: Worker,
	flags: AttachFlags,
): Promise<number> {
	if (!cli.stdinIsTerminal || !cli.stdoutIsTerminal) {
		throw new BerthError(
			"bad_request",
			`attach needs a terminal on standard input and output; berth screen, logs and send work without one`,
		);
	}
	const name = shownName(session, worker);
	if (!isLive(worker.state) || worker.socket === null) {
		throw new BerthError(
			"session_ended",
			`${name} has ended; berth logs ${name} shows its output, berth restart ${name} starts it again`,
		);
	}
	const keys = flags.detachKeys ?? loadSettings(cli.paths, cli.env).detachKeys;
	return new Attachment(cli, api, session, worker, flags, keys).run();
}

/** What the user would type to come here. */
function shownName(session: Session, worker: Worker): string {
	return worker.id === session.workers[0]?.id ? session.name : `${session.name}/${worker.name}`;
}

class Attachment implements StreamHost, ViewHost, KeyboardHost {
	readonly #cli: Cli;
	readonly #api: Api;
	readonly #session: Session;
	readonly #worker: Worker;
	readonly #flags: AttachFlags;
	readonly #keyNames: string;
	readonly #keyboard: Keyboard;
	readonly #lending: Lending;
	readonly #terminal = new UserTerminal();
	readonly #view: View;
	readonly #stream: WorkerStream;
	readonly #outcome = Promise.withResolvers<() => number>();
	#lostTimer: Timer | null = null;
	#told = false;
	#ended = false;

	constructor(cli: Cli, api: Api, session: Session, worker: Worker, flags: AttachFlags, detachKeys: string) {
		this.#cli = cli;
		this.#api = api;
		this.#session = session;
		this.#worker = worker;
		this.#flags = flags;
		this.#keyNames = describeKeys(parseDetachKeys(detachKeys));
		this.#keyboard = new Keyboard(this, detachKeys);
		this.#view = new View(this, this.#terminal);
		this.#stream = new WorkerStream(this, worker.socket!, worker.generation);
		this.#lending = new Lending(this.#stream, this.#view, this.#keyboard, detachKeys);
	}

	/** The status, once the terminal is the user's again. What it has to say is said after that. */
	async run(): Promise<number> {
		const unlisten = this.#listen();
		try {
			this.#view.enter();
			await this.#stream.open();
			this.#keyboard.listen();
			compileAsUsual();
			const finish = await this.#outcome.promise;
			await this.#stream.takeBack();
			this.#leave();
			return finish();
		} finally {
			this.#leave();
			this.#terminal.close();
			unlisten();
		}
	}

	request(): AttachRequest & { role: Role } {
		const { readOnly, noResize, scrollback } = this.#flags;
		const wanted = scrollback === undefined ? {} : { scrollback };
		if (readOnly) return { role: "viewer", ...wanted };
		return noResize ? { role: "writer", ...wanted } : { role: "writer", ...wanted, ...this.#view.window };
	}

	async locate(): Promise<Whereabouts | null> {
		try {
			const session = await withLimit(this.#api.getSession(this.#session.id), LOCATE_MS);
			const worker = session?.workers.find(({ id }) => id === this.#worker.id);
			return worker ? { socket: worker.socket, generation: worker.generation, exit: worker.exit } : null;
		} catch (error) {
			if (error instanceof BerthError && error.status >= 500) return null;
			throw error;
		}
	}

	returns(exit: Exit): boolean {
		const { restart } = this.#session;
		if (exit.reason === "stopped") return true;
		return (
			exit.reason === "exited" && (restart === "always" || (restart === "on-failure" && exit.code !== 0))
		);
	}

	recordedExit(generation: number): Exit | null {
		return readExitRecord(generationDir(this.#cli.paths, this.#worker.id, generation));
	}

	onSnapshot(bytes: Uint8Array): void {
		this.#view.snapshot(bytes);
		this.#lending.shown();
	}

	onOutput(bytes: Uint8Array): void {
		this.#view.output(bytes);
		this.#lending.shown();
	}

	onHolder(borrows: boolean): void {
		this.#lending.wanted = borrows && !this.#flags.readOnly;
	}

	onMarks(marks: TerminalMarks): void {
		this.#view.marked(marks);
	}

	onReturned(left: { marks: TerminalMarks; keys: KeyState } | null): void {
		if (left !== null) this.#view.marked(left.marks);
		if (!this.#ended) this.#keyboard.listen(left?.keys);
	}

	onDetach(): void {
		this.#end(() => this.#detach());
	}

	onHangup(): void {
		this.failed(new OutputClosed());
	}

	onSize(cols: number, rows: number): void {
		this.#view.sized(cols, rows);
	}

	onLost(): void {
		this.#lostTimer ??= setTimeout(() => {
			this.#told = true;
			this.#view.banner(`berth: connection lost, trying again; ${this.#keyNames} leaves`);
		}, TELL_LOST_MS);
	}

	onBack(): void {
		if (this.#lostTimer !== null) clearTimeout(this.#lostTimer);
		this.#lostTimer = null;
		if (!this.#told) return;
		// The line that told it stands on the screen: paint anew.
		this.#told = false;
		this.repaint();
	}

	onExit(exit: Exit): void {
		this.#end(() => {
			this.#say(`[${exit.reason === "exited" ? `exited ${exitValue(exit)}` : exit.reason}]`);
			return shellStatus(exit, signalNumber);
		});
	}

	onError(error: BerthError): void {
		this.#end(() => {
			throw error;
		});
	}

	socket(): string {
		return this.#stream.socket;
	}

	get wholeHistory(): boolean {
		return this.#flags.scrollback === undefined;
	}

	get resizes(): boolean {
		return !this.#flags.readOnly && !this.#flags.noResize;
	}

	repaint(): void {
		void this.#stream.repaint();
	}

	/** A terminal that does not keep up makes us read no more; the holder then drops our queue and paints anew when we can. */
	flow(full: boolean): void {
		if (full) this.#stream.pause();
		else this.#stream.resume();
	}

	/** Somebody who only watches leaves with Ctrl-C as well. */
	typed(input: Uint8Array): void {
		if (!this.#flags.readOnly) this.#stream.input(input);
		else if (input.includes(CTRL_C)) this.onDetach();
	}

	get unsentInputBytes(): number {
		return this.#stream.bufferedBytes;
	}

	failed(error: unknown): void {
		this.#end(() => hungUp(error));
	}

	/** Gives the terminal back as it was found. Idempotent. */
	#leave(): void {
		this.#ended = true;
		if (this.#lostTimer !== null) clearTimeout(this.#lostTimer);
		this.#lending.stop();
		this.#keyboard.stop();
		this.#stream.close();
		this.#view.leave();
	}

	#end(finish: () => number): void {
		this.#outcome.resolve(finish);
	}

	#detach(why = ""): number {
		this.#say(`[detached from ${shownName(this.#session, this.#worker)}${why}]`);
		return 0;
	}

	#say(line: string): void {
		if (isTerminal(2)) this.#view.lastWord(line);
		else this.#cli.note(line);
	}

	/** Signals, and what nobody caught. Returns the removal. */
	#listen(): () => void {
		const resized = () => {
			const { cols, rows } = this.#view.window;
			if (this.resizes) this.#stream.resize(cols, rows);
			this.#view.resized();
		};
		const ended = (name: NodeJS.Signals) => {
			this.#end(() => {
				this.#detach(` by ${name}`);
				return 128 + signalNumber(name)!;
			});
		};
		const thrown = (error: unknown) =>
			this.#end(() => {
				throw error;
			});
		const suspend = async () => {
			await this.#stream.takeBack();
			this.#lending.stop();
			this.#view.leave();
			process.kill(process.pid, "SIGSTOP");
		};
		const resume = () => {
			this.#view.enter();
			this.repaint();
		};
		const handlers: [string, (reason: unknown) => void][] = [
			["SIGTSTP", suspend],
			["SIGCONT", resume],
			["uncaughtException", thrown],
			["unhandledRejection", thrown],
			["exit", () => this.#leave()],
			...endings.map((name): [string, () => void] => [name, () => ended(name)]),
		];
		for (const [event, handler] of handlers) process.on(event, handler);
		const unwatch = onWindowChange(resized);
		return () => {
			unwatch();
			for (const [event, handler] of handlers) process.off(event, handler);
		};
	}
}

function hungUp(error: unknown): number {
	if (error instanceof OutputClosed) return 128 + signalNumber("HUP")!;
	throw error;
}
