import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { SCROLLBACK_LINES } from "../../../src/contract/limits.ts";
import { type Lab, run } from "../lab.ts";
import type { Contestant } from "./contestant.ts";

/** As much history as Berth keeps, and nothing drawn that a session did not draw. */
const CONFIGURATION = `
set -g history-limit ${SCROLLBACK_LINES}
set -g status off
set -g default-command bash
set -g exit-empty off
`;

export class TmuxContestant implements Contestant {
	readonly name = "tmux";
	readonly keepsScreen = true;
	readonly program: string;
	readonly folder: string;
	readonly env: Record<string, string>;
	readonly #base: string[];

	constructor(lab: Lab) {
		this.program = realpathSync(Bun.which("tmux")!);
		this.folder = lab.path("tmux");
		mkdirSync(this.folder);
		this.env = lab.env(this.folder);
		writeFileSync(`${this.folder}/tmux.conf`, CONFIGURATION);
		this.#base = [this.program, "-S", `${this.folder}/socket`, "-f", `${this.folder}/tmux.conf`];
	}

	async version(): Promise<string> {
		return (await run([this.program, "-V"], this.env)).trim();
	}

	async prepare(): Promise<void> {
		await run([...this.#base, "start-server"], this.env);
	}

	async start(name: string, argv: string[]): Promise<void> {
		await run(
			[...this.#base, "new-session", "-d", "-s", name, "-x", "80", "-y", "24", "--", ...argv],
			this.env,
		);
	}

	async end(name: string): Promise<void> {
		await run([...this.#base, "kill-session", "-t", `=${name}`], this.env);
	}

	attach(name: string): string[] {
		return [...this.#base, "attach-session", "-t", `=${name}`];
	}

	create(name: string): string[] {
		return [...this.#base, "new-session", "-s", name];
	}

	list(): string[] {
		return [...this.#base, "list-sessions"];
	}

	screen(name: string): Promise<string> {
		return run([...this.#base, "capture-pane", "-p", "-t", `=${name}:`], this.env);
	}
}
