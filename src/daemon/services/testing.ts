/** A control plane of a test's own: own home, real holders, and time that can be moved. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Session } from "../../contract/session.ts";
import { defaultSettings, type Settings } from "../../platform/config.ts";
import { ensurePrivateDir } from "../../platform/files.ts";
import { type Paths, pathsFrom } from "../../platform/paths.ts";
import {
	livingProcess,
	type ProcessIdentity,
	processTable,
	readProcess,
	signalProcess,
} from "../../platform/processes/index.ts";
import type { WorkerRow } from "../../store/schema.ts";
import { Store } from "../../store/store.ts";
import { workersOf } from "../../store/workers.ts";
import type { Agents } from "./agents/agents.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import type { Reconciled } from "./reconcile.ts";
import type { Sessions } from "./sessions.ts";

export const selfArgv: readonly string[] = process.env.BERTH_BINARY
	? [process.env.BERTH_BINARY]
	: [process.execPath, join(import.meta.dir, "../../main.ts")];

export class Control implements AsyncDisposable {
	readonly home = realpathSync(mkdtempSync(join(tmpdir(), "bc-")));
	readonly paths: Paths;
	readonly env: Record<string, string>;
	readonly settings: Settings;
	readonly logged: string[] = [];
	/** Milliseconds that have passed for this control plane without anybody's waiting. */
	ahead = 0;
	/** Milliseconds by which its wall clock was set. */
	jumped = 0;
	store!: Store;
	#plane!: ControlPlane;

	private constructor(settings: Partial<Settings>) {
		this.env = {
			PATH: process.env.PATH ?? "/usr/bin:/bin",
			HOME: this.home,
			BERTH_HOME: this.home,
			SHELL: "/bin/bash",
			LANG: "C.UTF-8",
		};
		this.paths = pathsFrom(this.env);
		this.settings = { ...defaultSettings, ...settings };
		ensurePrivateDir(this.paths.state);
		ensurePrivateDir(this.paths.run);
	}

	static async start(settings: Partial<Settings> = {}): Promise<Control> {
		const control = new Control(settings);
		await control.begin();
		return control;
	}

	/** A daemon's start on what is there. */
	async begin(): Promise<Reconciled> {
		this.store = Store.open(this.paths.database, { now: () => this.#now() });
		this.#plane = createControlPlane({
			store: this.store,
			paths: this.paths,
			settings: this.settings,
			env: this.env,
			selfArgv: () => selfArgv,
			now: () => this.#now(),
			monotonic: () => performance.now() + this.ahead,
			sleep: (ms) => Bun.sleep(ms),
			log: (level, message, facts) => this.logged.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`),
		});
		return await this.#plane.start();
	}

	get sessions(): Sessions {
		return this.#plane.sessions;
	}

	get agents(): Agents {
		return this.#plane.agents;
	}

	/** A daemon's end: holders carry on. */
	async end(): Promise<void> {
		await this.#plane.stop();
		this.store.close();
	}

	/** A session that runs a script. Its primary worker's own shell is not interactive. */
	async script(text: string, more: Partial<Parameters<Sessions["create"]>[0]> = {}): Promise<Session> {
		return await this.sessions.create({
			command: ["/bin/bash", "-c", text],
			cwd: this.home,
			port: null,
			...more,
		});
	}

	row(session: Session): WorkerRow {
		const [row] = workersOf(this.store.read, session.id);
		if (!row) throw new Error(`${session.name} has no worker`);
		return row;
	}

	state(session: Session): string {
		return this.row(session).state;
	}

	holder(session: Session): ProcessIdentity {
		const { holderPid, holderStart } = this.row(session);
		return { pid: holderPid!, startTime: holderStart! };
	}

	child(session: Session): ProcessIdentity {
		const { pid, pidStart } = this.row(session);
		return { pid: pid!, startTime: pidStart! };
	}

	/** The process whose pid a script wrote into this file of the home. */
	async told(name: string): Promise<ProcessIdentity> {
		const pid = await eventually(async () => {
			const file = Bun.file(join(this.home, name));
			return (await file.exists()) ? Number(await file.text()) || null : null;
		}, `the script told ${name}`);
		const info = readProcess(pid);
		if (!info) throw new Error(`${name} (${pid}) has ended already`);
		return { pid: info.pid, startTime: info.startTime };
	}

	/** Every living process that knows this home by its environment or command line. */
	processes(): ProcessIdentity[] {
		return processTable().filter(({ pid, ended }) => !ended && pid !== process.pid && knows(pid, this.home));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.end();
		for (let left = this.processes(); left.length > 0; left = this.processes()) {
			for (const identity of left) signalProcess(identity, "SIGKILL");
			await Bun.sleep(5);
		}
		rmSync(this.home, { recursive: true, force: true });
	}

	#now(): number {
		return Date.now() + this.ahead + this.jumped;
	}
}

function knows(pid: number, home: string): boolean {
	try {
		const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, "latin1");
		return read("environ").includes(home) || read("cmdline").includes(home);
	} catch {
		return false;
	}
}

export function runs(identity: ProcessIdentity): boolean {
	return livingProcess(identity) !== null;
}

/** Waits for a condition; throws with the sentence when it does not come. */
export async function eventually<T>(
	look: () => T | null | false | Promise<T | null | false>,
	sentence: string,
	limitMs = 15_000,
): Promise<T> {
	const deadline = performance.now() + limitMs;
	for (;;) {
		const value = await look();
		if (value !== null && value !== false) return value;
		if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${sentence}`);
		await Bun.sleep(5);
	}
}
