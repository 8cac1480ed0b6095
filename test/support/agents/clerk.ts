/** Sessions of the agent with a screen of its own that takes prompts (clerk-agent.ts). Its state is told by screen rules. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../../src/contract/session.ts";
import type { Berth } from "../berth.ts";

const script = join(import.meta.dir, "clerk-agent.ts");

export class Clerk {
	private constructor(
		readonly berth: Berth,
		readonly id: string,
		readonly workerId: string,
	) {}

	static async start(
		berth: Berth,
		name: string,
		option: "--plain" | "--no-rules" | null = null,
	): Promise<Clerk> {
		const start = [process.execPath, script, join(berth.home, `${name}.asked`)];
		if (option === "--plain") start.push(option);
		const definition = {
			id: name,
			name: "Clerk",
			executable: process.execPath,
			driver: "pty",
			commands: { pty: { start } },
			hooks: "claude",
			screen: [
				{ id: "works", state: "busy", any: ["esc to interrupt"] },
				{ id: "prompt", state: "idle", where: "bottom", any: ["^>"] },
			],
		};
		const { screen: _rules, ...unruled } = definition;
		const added = await berth.api("PUT", `/agents/${name}`, option === "--no-rules" ? unruled : definition);
		if (added.status >= 300) throw new Error(JSON.stringify(added.body));
		const body = { name, port: null, agent: { definition: name } };
		const made = await berth.api<Session>("POST", "/sessions", body);
		if (made.status !== 201) throw new Error(JSON.stringify(made.body));
		return new Clerk(berth, name, made.body.workers[0]!.id);
	}

	/** Every prompt that it has taken. */
	asked(): string[] {
		const file = join(this.berth.home, `${this.id}.asked`);
		if (!existsSync(file)) return [];
		const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
		return lines.map((line) => JSON.parse(line) as string);
	}
}
