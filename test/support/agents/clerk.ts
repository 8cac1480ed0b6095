/** Sessions of the agent with a screen of its own that takes prompts (clerk-agent.ts). Its state is told by screen rules. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentManifest, LiveCommand } from "../../../src/contract/agent-definition.ts";
import type { AgentWorker, Session } from "../../../src/contract/session.ts";
import type { Berth } from "../berth.ts";
import { until } from "../berth.ts";

const script = join(import.meta.dir, "clerk-agent.ts");

export interface ClerkOptions {
	/** It asks for no marks around pastes. */
	plain?: boolean;
	/** Screen rules tell its state. */
	ruled?: boolean;
	/** What is typed to change its model while it runs. */
	live?: LiveCommand;
}

export class Clerk {
	private constructor(
		readonly berth: Berth,
		readonly id: string,
		readonly workerId: string,
	) {}

	static async start(
		berth: Berth,
		name: string,
		{ plain = false, ruled = true, live }: ClerkOptions = {},
	): Promise<Clerk> {
		const argv = [process.execPath, script, join(berth.home, `${name}.asked`), ...(plain ? ["--plain"] : [])];
		const definition: AgentManifest = {
			...{ id: name, name: "Clerk", executable: process.execPath, driver: "pty", hooks: "claude" },
			commands: {
				pty: {
					start: [...argv, ["--model", "{{model}}"]],
					continue: [...argv, "--resume", "{{conversation}}", ["--model", "{{model}}"]],
				},
			},
			...(live ? { live: { model: live } } : {}),
			...(ruled
				? {
						screen: [
							{ id: "works", state: "busy", any: ["esc to interrupt"] },
							{ id: "prompt", state: "idle", where: "bottom", any: ["^>"] },
						],
					}
				: {}),
		};
		const added = await berth.api("PUT", `/agents/${name}`, definition);
		if (added.status >= 300) throw new Error(JSON.stringify(added.body));
		const body = { name, port: null, agent: { definition: name } };
		const made = await berth.api<Session>("POST", "/sessions", body);
		if (made.status !== 201) throw new Error(JSON.stringify(made.body));
		return new Clerk(berth, name, made.body.workers[0]!.id);
	}

	async worker(): Promise<AgentWorker> {
		return (await this.berth.api<AgentWorker>("GET", `/sessions/${this.id}/workers/${this.workerId}`)).body;
	}

	async idle(): Promise<void> {
		await until(async () => (await this.worker()).agent.status.state === "idle", `${this.id} is idle`);
	}

	async types(text: string): Promise<void> {
		await this.berth.api("POST", `/sessions/${this.id}/input`, { text });
	}

	async screen(): Promise<string> {
		return await (await this.berth.fetch(`/sessions/${this.id}/screen?format=text`)).text();
	}

	/** Every prompt that it has taken. */
	asked(): string[] {
		const file = join(this.berth.home, `${this.id}.asked`);
		if (!existsSync(file)) return [];
		const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
		return lines.map((line) => JSON.parse(line) as string);
	}
}
