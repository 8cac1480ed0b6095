/** Keeps a terminal and nothing of what it shows: the least that one can do. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { signalProcess } from "../../leftovers.ts";
import { type Lab, processesOf, run, until } from "../lab.ts";
import type { Contestant } from "./contestant.ts";

export class DtachContestant implements Contestant {
	readonly name = "dtach";
	readonly keepsScreen = false;
	readonly program: string;
	readonly folder: string;
	readonly env: Record<string, string>;

	constructor(lab: Lab) {
		this.program = realpathSync(Bun.which("dtach")!);
		this.folder = lab.path("dtach");
		mkdirSync(this.folder);
		this.env = lab.env(this.folder);
	}

	async version(): Promise<string> {
		return (await run([this.program, "--version"], this.env)).split("\n")[0]!;
	}

	async prepare(): Promise<void> {}

	async start(name: string, argv: string[]): Promise<void> {
		await run([this.program, "-n", this.#socket(name), "-E", "-z", ...argv], this.env);
		await until(() => existsSync(this.#socket(name)), `dtach has the session ${name}`);
	}

	/** It has no such command: the process that keeps the session is ended, its terminal hangs up, and its socket is removed for it. */
	async end(name: string): Promise<void> {
		const socket = this.#socket(name);
		for (const pid of processesOf(socket, this.program)) {
			const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1");
			signalProcess(pid, "SIGKILL");
			for (const child of children.trim().split(" ")) if (child) signalProcess(Number(child), "SIGKILL");
		}
		await until(() => processesOf(socket, this.program).length === 0, `dtach's session ${name} has ended`);
		rmSync(socket, { force: true });
	}

	attach(name: string): string[] {
		return [this.program, "-a", this.#socket(name), "-E", "-z", "-r", "none"];
	}

	create(name: string): string[] {
		return [this.program, "-c", this.#socket(name), "-E", "-z", "-r", "none", "bash"];
	}

	list(): null {
		return null;
	}

	async screen(): Promise<null> {
		return null;
	}

	#socket(name: string): string {
		return `${this.folder}/${name}`;
	}
}
