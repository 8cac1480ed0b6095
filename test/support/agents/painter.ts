/** An agent with a screen of its own: it paints what the test gives it, and is told by screen rules alone. */
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentStatus } from "../../../src/contract/agent.ts";
import type { Session } from "../../../src/contract/session.ts";
import { type Berth, until } from "../berth.ts";

const MANIFEST = `
id = "painter"
name = "Painter"
executable = "painter"
driver = "pty"

[commands.pty]
start = ["painter"]

[[screen]]
id = "asks"
state = "needs-permission"
any = ["^Allow this\\\\?"]

[[screen]]
id = "works"
state = "busy"
any = ["esc to interrupt"]

[[screen]]
id = "prompt"
state = "idle"
where = "bottom"
any = ["^>"]
`;

export class Painter {
	readonly #file: string;

	private constructor(
		readonly berth: Berth,
		readonly session: string,
	) {
		this.#file = join(berth.home, "paint");
	}

	/** Before the daemon is started, whose PATH agents are looked for in. */
	static install(berth: Berth): void {
		const bin = join(berth.home, "bin");
		const agents = join(berth.home, "config/agents");
		for (const folder of [bin, agents]) mkdirSync(folder, { recursive: true });
		const file = join(berth.home, "paint");
		writeFileSync(file, "");
		writeFileSync(join(bin, "painter"), `#!/bin/sh\nexec tail -c +1 -f '${file}'\n`);
		chmodSync(join(bin, "painter"), 0o700);
		writeFileSync(join(agents, "painter.toml"), MANIFEST);
		berth.env.PATH = `${bin}:${berth.env.PATH}`;
	}

	static async start(berth: Berth, name = "fix"): Promise<Painter> {
		const body = { name, cwd: berth.home, port: null, agent: { definition: "painter" } };
		const { status, body: session } = await berth.api("POST", "/sessions", body);
		if (status !== 201) throw new Error(JSON.stringify(session));
		return new Painter(berth, name);
	}

	paint(text: string): void {
		appendFileSync(this.#file, text);
	}

	/** Paints the whole screen anew. */
	shows(...lines: string[]): void {
		this.paint(`\x1b[2J\x1b[H${lines.join("\r\n")}`);
	}

	async status(): Promise<AgentStatus> {
		const { body } = await this.berth.api<Session>("GET", `/sessions/${this.session}`);
		const [worker] = body.workers;
		if (worker?.kind !== "agent") throw new Error("it is no agent");
		return worker.agent.status;
	}

	async becomes(state: AgentStatus["state"]): Promise<void> {
		await until(async () => (await this.status()).state === state, `the agent is ${state}`);
	}
}
