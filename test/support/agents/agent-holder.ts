/** A holder with a structured agent in it, and its log as a test reads it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endLeftovers } from "../../../scripts/leftovers.ts";
import {
	AGENT_LOG,
	type AgentFact,
	type AgentRecord,
	type AgentSpec,
} from "../../../src/contract/agent-log.ts";
import type { ItemBody } from "../../../src/contract/conversation.ts";
import type { HolderSpec, LinkMethods } from "../../../src/contract/link.ts";
import type { Answers } from "../../../src/contract/question.ts";
import type { StructuredDriver } from "../../../src/contract/words.ts";
import type { HolderClient } from "../../../src/link/client.ts";
import { alive, END_LIMIT_MS, until } from "../berth.ts";
import { type Holder, Home } from "../holder.ts";

/** argv of the tests' own agent. */
export const fakeAgent = (driver: StructuredDriver, ...options: string[]): string[] => [
	process.execPath,
	join(import.meta.dir, "fake-agent.ts"),
	driver,
	...options,
];

/** Milliseconds for one call. */
const CALL_MS = 20_000;

type Kind = AgentFact["kind"];
type Fact<K extends Kind> = Extract<AgentRecord, { kind: K }>;
type Body<T extends ItemBody["type"]> = Extract<ItemBody, { type: T }>;

export interface AgentOptions {
	argv?: string[];
	agent?: Partial<AgentSpec>;
	spec?: Partial<HolderSpec> | ((home: Home) => Partial<HolderSpec>);
}

export class AgentHolder implements AsyncDisposable {
	private constructor(
		readonly home: Home,
		public holder: Holder,
		public client: HolderClient,
	) {}

	/** With the tests' own agent unless `argv` names another; resolves as soon as the holder is ready. */
	static async start(driver: StructuredDriver, options: AgentOptions = {}): Promise<AgentHolder> {
		const home = new Home();
		try {
			const agent: AgentSpec = {
				...{ driver, model: null, mode: null, conversation: null, permissionTimeoutMs: 60_000 },
				imagesDir: join(home.path, "state/images"),
				...options.agent,
			};
			const argv = options.argv ?? fakeAgent(driver);
			const spec = typeof options.spec === "function" ? options.spec(home) : options.spec;
			const holder = await home.start({ argv, agent, ...spec });
			return new AgentHolder(home, holder, await holder.connect());
		} catch (error) {
			await home[Symbol.asyncDispose]();
			throw error;
		}
	}

	/** Ends the agent, which may tidy up as a restart lets it, and starts its next generation, which goes on with the conversation. */
	async next(argv: string[], conversation: string): Promise<void> {
		const { pid } = this.holder;
		await this.call("intent", { reason: "stopped" });
		if (alive(pid)) process.kill(pid, "SIGTERM");
		await this.exit();
		await until(() => !alive(this.holder.holderPid), "the holder is gone");
		this.client.close();
		const { spec } = this.holder;
		const generation = spec.generation + 1;
		const { generationDir } = this.home.spec({ generation });
		const agent = { ...spec.agent!, conversation };
		this.holder = await this.home.start({ ...spec, argv, agent, generation, generationDir });
		this.client = await this.holder.connect();
	}

	/** As `start`, and the agent is ready for a prompt. */
	static async idle(driver: StructuredDriver, options: AgentOptions = {}): Promise<AgentHolder> {
		const agent = await AgentHolder.start(driver, options);
		await agent.state("idle");
		return agent;
	}

	/** The whole lines of the log. Throws when one is no record, or the numbers have a gap. */
	records(): AgentRecord[] {
		const file = join(this.holder.spec.generationDir, AGENT_LOG);
		if (!existsSync(file)) return [];
		const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
		return lines.map((line, index) => {
			const record = JSON.parse(line) as AgentRecord;
			if (record.n !== index + 1) throw new Error(`record ${record.n} stands at ${index + 1}`);
			return record;
		});
	}

	of<K extends Kind>(kind: K): Fact<K>[] {
		return this.records().filter((record): record is Fact<K> => record.kind === kind);
	}

	/** Items as a reader of the log has them, in the order in which they began. */
	items(): ItemBody[] {
		const items = new Map<string, ItemBody>();
		for (const record of this.records()) {
			if (record.kind === "item") items.set(record.id, structuredClone(record.body));
			else if (record.kind === "text") {
				const body = items.get(record.id);
				const last = body?.type === "message" ? body.parts.at(-1) : undefined;
				if (last?.type !== "text") throw new Error(`text for ${record.id}, which ends in none`);
				last.text += record.text;
			}
		}
		return [...items.values()];
	}

	bodies<T extends ItemBody["type"]>(type: T): Body<T>[] {
		return this.items().filter((item): item is Body<T> => item.type === type);
	}

	/** Text of the messages of a role. */
	texts(role: Body<"message">["role"]): string[] {
		return this.bodies("message")
			.filter((message) => message.role === role)
			.map(({ parts }) => parts.map((part) => (part.type === "text" ? part.text : "")).join(""));
	}

	currentState(): string | undefined {
		return this.of("state").at(-1)?.state;
	}

	async state(state: string): Promise<void> {
		await until(() => this.currentState() === state, `the agent is ${state}`).catch((error) => {
			const tail = this.records()
				.slice(-5)
				.map((record) => JSON.stringify(record));
			throw new Error(`${(error as Error).message}; the log ends in ${tail.join("\n")}\n${this.home.log()}`);
		});
	}

	call<M extends keyof LinkMethods>(
		method: M,
		params: LinkMethods[M]["params"],
	): Promise<LinkMethods[M]["result"]> {
		return this.client.call(method, params, CALL_MS);
	}

	/** The code of the error that a call ends with. */
	async refusal<M extends keyof LinkMethods>(method: M, params: LinkMethods[M]["params"]): Promise<string> {
		return this.call(method, params).then(
			() => "no error",
			(error) => error.code,
		);
	}

	/** Gives a prompt; its id. */
	async prompt(text: string, images: { sha256: string; mediaType: string }[] = []): Promise<string> {
		const promptId = `q_${crypto.randomUUID()}`;
		await this.call("agentPrompt", { promptId, text, images });
		return promptId;
	}

	/** Waits for a turn's end. */
	ended(promptId: string): Promise<Fact<"turn-ended">> {
		return until(
			() => this.of("turn-ended").find((turn) => turn.promptId === promptId),
			`the turn ${promptId} ends`,
		);
	}

	/** Gives a prompt and waits for its turn's end. */
	async turn(text: string): Promise<Fact<"turn-ended">> {
		return this.ended(await this.prompt(text));
	}

	/** Waits until so many requests for permission have come in all. */
	asked(count = 1): Promise<Fact<"permission">["permission"][]> {
		return until(() => {
			const asked = this.of("permission");
			return asked.length >= count && asked.map(({ permission }) => permission);
		}, `${count} requests for permission are there`);
	}

	answer(
		id: string,
		decision: "allow" | "deny",
		more: { optionId?: string; answers?: Answers; reason?: string } = {},
	) {
		const { optionId = null, reason = null, ...answers } = more;
		return this.call("agentAnswer", {
			...{ id, decision, optionId, by: "person", ruleId: null, reason, ...answers },
		});
	}

	/** What the terminal shows, scrollback included. */
	async shown(): Promise<string> {
		return (await this.call("output", { lines: 2000 })).text;
	}

	/** Waits until the worker has ended. */
	exit() {
		return until(() => this.holder.exitRecord(), "the exit record is there");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.client.close();
		// Agents have processes of their own, which would go on writing into the home for a moment.
		await endLeftovers(this.home.path, END_LIMIT_MS);
		await this.home[Symbol.asyncDispose]();
	}
}
