import { mkdirSync } from "node:fs";
import { freePort } from "../../../test/support/berth.ts";
import { type Lab, run } from "../lab.ts";
import type { Contestant } from "./contestant.ts";

export class BerthContestant implements Contestant {
	readonly keepsScreen = true;
	readonly name: string;
	readonly program: string;
	readonly folder: string;
	readonly env: Record<string, string>;

	private constructor(name: string, program: string, folder: string, env: Record<string, string>) {
		this.name = name;
		this.program = program;
		this.folder = folder;
		this.env = env;
	}

	static async of(lab: Lab, name: string, program: string): Promise<BerthContestant> {
		const folder = lab.path(name.replaceAll(/\W/g, "-"));
		mkdirSync(folder, { recursive: true });
		const env = lab.env(folder, { BERTH_HOME: folder, BERTH_PORT: String(await freePort()) });
		return new BerthContestant(name, program, folder, env);
	}

	async version(): Promise<string> {
		return (await this.command("version")).split("\n")[0]!;
	}

	async prepare(): Promise<void> {
		await this.command("daemon", "start");
	}

	async start(name: string, argv: string[]): Promise<void> {
		await this.command("new", name, "--detach", "--size", "80x24", "--", ...argv);
	}

	async end(name: string): Promise<void> {
		await this.command("kill", name);
		await this.command("rm", name);
	}

	attach(name: string): string[] {
		return [this.program, "attach", name];
	}

	create(name: string): string[] {
		return [this.program, "new", name];
	}

	list(): string[] {
		return [this.program, "ls"];
	}

	async screen(name: string): Promise<string> {
		return this.command("screen", name);
	}

	command(...args: string[]): Promise<string> {
		return run([this.program, ...args], this.env, this.folder);
	}
}
