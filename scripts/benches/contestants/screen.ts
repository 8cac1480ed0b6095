import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { SCROLLBACK_LINES } from "../../../src/contract/limits.ts";
import { type Lab, run, until } from "../lab.ts";
import type { Contestant } from "./contestant.ts";

const CONFIGURATION = `
startup_message off
defscrollback ${SCROLLBACK_LINES}
defutf8 on
shell bash
`;

export class ScreenContestant implements Contestant {
	readonly name = "screen";
	readonly keepsScreen = true;
	readonly program: string;
	readonly folder: string;
	readonly env: Record<string, string>;

	constructor(lab: Lab) {
		this.program = realpathSync(Bun.which("screen")!);
		this.folder = lab.path("screen");
		mkdirSync(`${this.folder}/sockets`, { recursive: true, mode: 0o700 });
		writeFileSync(`${this.folder}/screenrc`, CONFIGURATION);
		this.env = lab.env(this.folder, {
			SCREENDIR: `${this.folder}/sockets`,
			SCREENRC: `${this.folder}/screenrc`,
		});
	}

	async version(): Promise<string> {
		// It ends with 1 whatever it was asked.
		const child = Bun.spawn([this.program, "-v"], { env: this.env, stdout: "pipe" });
		return (await new Response(child.stdout).text()).trim();
	}

	async prepare(): Promise<void> {}

	async start(name: string, argv: string[]): Promise<void> {
		await run([this.program, "-U", "-dmS", name, ...argv], this.env);
		await until(() => this.#exists(name), `screen has the session ${name}`);
	}

	async end(name: string): Promise<void> {
		await run([this.program, "-S", name, "-X", "quit"], this.env);
		await until(() => !this.#exists(name), `screen's session ${name} has ended`);
	}

	attach(name: string): string[] {
		return [this.program, "-U", "-x", name];
	}

	create(name: string): string[] {
		return [this.program, "-U", "-S", name];
	}

	list(): string[] {
		return [this.program, "-ls"];
	}

	async screen(name: string): Promise<string> {
		const file = `${this.folder}/hardcopy`;
		rmSync(file, { force: true });
		await run([this.program, "-S", name, "-p", "0", "-X", "hardcopy", file], this.env);
		let text = "";
		// It is written after the command has returned.
		await until(() => {
			try {
				text = readFileSync(file, "latin1");
			} catch {
				return false;
			}
			return text !== "";
		}, "screen has written its hardcopy");
		return text;
	}

	#exists(name: string): boolean {
		return readdirSync(`${this.folder}/sockets`).some((file) => file.endsWith(`.${name}`));
	}
}
