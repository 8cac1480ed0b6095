/** Sessions of the agent that has hooks (hooked-agent.ts), and what a test asks of them. */
import { join } from "node:path";
import type { Permission } from "../../../src/contract/permission.ts";
import type { AgentWorker, Session } from "../../../src/contract/session.ts";
import type { Berth } from "../berth.ts";
import { until } from "../berth.ts";

export async function addHookedAgent(berth: Berth): Promise<void> {
	const start = [process.execPath, join(import.meta.dir, "hooked-agent.ts"), "--settings", "{{settings}}"];
	const { status, body } = await berth.api("PUT", "/agents/hooked", {
		id: "hooked",
		name: "An agent with hooks",
		executable: process.execPath,
		driver: "pty",
		hooks: "claude",
		commands: { pty: { start } },
	});
	if (status !== 201) throw new Error(`the agent was not taken: ${JSON.stringify(body)}`);
}

export class Hooked {
	private constructor(
		readonly berth: Berth,
		readonly session: Session,
	) {}

	static async start(berth: Berth, name: string): Promise<Hooked> {
		const { status, body } = await berth.api<Session>("POST", "/sessions", {
			name,
			port: null,
			agent: { definition: "hooked" },
		});
		if (status !== 201) throw new Error(`the agent did not start: ${JSON.stringify(body)}`);
		const hooked = new Hooked(berth, body);
		await hooked.shows("ready");
		return hooked;
	}

	async worker(): Promise<AgentWorker> {
		const { body } = await this.berth.api<Session>("GET", `/sessions/${this.session.id}`);
		return body.workers[0] as AgentWorker;
	}

	async types(line: string): Promise<void> {
		await this.berth.api("POST", `/sessions/${this.session.id}/input`, { text: `${line}\r` });
	}

	/** Waits until its output has the text; what stands between `<command: ` and `>` is what its hooks said. */
	async shows(text: string): Promise<void> {
		await until(async () => (await this.output()).includes(text), `${this.session.name} shows ${text}`);
	}

	async output(): Promise<string> {
		const journal = await this.berth.fetch(`/sessions/${this.session.id}/journal`);
		return await journal.text();
	}

	/** Asks for a command; the request when it waits. */
	async asks(command: string): Promise<Permission> {
		await this.types(`ask ${command}`);
		return await this.waiting(command);
	}

	async waiting(command: string): Promise<Permission> {
		return await until(async () => {
			const all = await this.requests("pending");
			return all.find(({ subject }) => subject === command) ?? false;
		}, `${command} waits for an answer`);
	}

	async requests(state?: string): Promise<Permission[]> {
		const filter = `session=${this.session.id}${state === undefined ? "" : `&state=${state}`}`;
		return (await this.berth.api<Permission[]>("GET", `/permissions?${filter}`)).body;
	}

	/** The request when it has ended. */
	async ended(id: string): Promise<Permission> {
		return await until(async () => {
			const { body } = await this.berth.api<Permission>("GET", `/permissions/${id}`);
			return body.state === "pending" ? false : body;
		}, `${id} has ended`);
	}

	async said(command: string): Promise<string> {
		return await until(async () => {
			const text = (await this.output()).replaceAll("\r\n", "");
			return new RegExp(`<${command.replaceAll(/[^\w ]/g, "\\$&")}: ([^>]*)>`).exec(text)?.[1] ?? false;
		}, `the hooks have answered for ${command}`);
	}
}
