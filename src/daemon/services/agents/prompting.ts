/** Prompts put together: the queue, who hands them over, and who sees their end. */
import { BerthError } from "../../../contract/errors.ts";
import type { Interrupted, NewPrompt, Prompt } from "../../../contract/prompt.ts";
import type { Event } from "../../../contract/system.ts";
import type { HolderClient } from "../../../link/client.ts";
import type { ImageStore } from "../../../platform/images.ts";
import { allAgents } from "../../../store/agents.ts";
import type { ControlContext } from "../control-context.ts";
import type { LivingNotice } from "../news.ts";
import type { Supervisor } from "../supervisor.ts";
import { structuredDelivery } from "./delivery.ts";
import { Dispatcher } from "./dispatcher.ts";
import { hasEnded, Prompts } from "./prompts.ts";
import type { AgentTarget } from "./target.ts";
import { terminalDelivery } from "./terminal-delivery.ts";
import { TerminalTurns } from "./terminal-turns.ts";

export interface PromptingParts {
	context: ControlContext;
	supervisor: Supervisor;
	images: ImageStore;
	/** Resolves when everything that the agent's log holds by now has been taken. */
	caughtUp: (workerId: string) => Promise<void>;
}

export class Prompting {
	readonly prompts: Prompts;
	readonly #context: ControlContext;
	readonly #supervisor: Supervisor;
	readonly #dispatcher: Dispatcher;
	readonly #turns: TerminalTurns;
	/** Connections over which the holder has told its status. */
	readonly #met = new WeakSet<HolderClient>();

	constructor({ context, supervisor, images, caughtUp }: PromptingParts) {
		const { store, typing, now, monotonic, sleep, log } = context;
		const client = (workerId: string) => supervisor.client(workerId);
		const status = (workerId: string) => supervisor.status(workerId);
		const hooked = (id: string) => context.definitions.known(id)?.manifest.hooks !== undefined;
		this.#context = context;
		this.#supervisor = supervisor;
		this.prompts = new Prompts({ store, images, now });
		this.#turns = new TerminalTurns({ store, client, status, hooked, now, monotonic, log });
		const terminal = terminalDelivery({ turns: this.#turns, monotonic, sleep });
		const delivery = { structured: structuredDelivery, terminal };
		this.#dispatcher = new Dispatcher({ store, client, caughtUp, delivery, typing, now, monotonic, log });
	}

	/** Takes up what the last daemon left on its way. */
	start(): void {
		this.#dispatcher.start();
		for (const { workerId } of allAgents(this.#context.store.read)) this.#turns.begun(workerId);
	}

	stop(): void {
		this.#dispatcher.stop();
		this.#turns.stop();
		this.prompts.stop();
	}

	committed({ type, workerId, data }: Event): void {
		if (workerId === null) return;
		if (type === "agent.state") this.#turns.moved(workerId);
		if (type === "prompt.started") this.#turns.begun(workerId);
		if (type === "prompt.ended") this.#turns.forget(String(data.id));
		if (type === "agent.state" || type === "prompt.queued" || type === "prompt.ended")
			this.#dispatcher.look(workerId);
	}

	heard(workerId: string, { kind }: LivingNotice): void {
		const client = kind === "status" ? this.#supervisor.client(workerId) : null;
		if (!client || this.#met.has(client)) return;
		this.#met.add(client);
		this.#dispatcher.reached(workerId);
	}

	add(target: AgentTarget, prompt: NewPrompt): Prompt {
		const added = this.prompts.add(target, prompt);
		if (prompt.now) this.#dispatcher.look(added.workerId, added.id);
		return added;
	}

	/** One that waits is taken out of the queue, one that is being worked on is interrupted. Throws `prompt_ended`. */
	async cancel({ worker }: AgentTarget, id: string): Promise<Prompt> {
		const before = this.prompts.get(worker.id, id);
		if (hasEnded(before)) throw new BerthError("prompt_ended", `the prompt ${id} is ${before.state} already`);
		const withdrawn = await this.#dispatcher.withdraw(before);
		if (!withdrawn && !hasEnded(this.prompts.get(worker.id, id))) await this.#interrupt(worker.id);
		return this.prompts.get(worker.id, id);
	}

	async interrupt({ worker, session }: AgentTarget): Promise<Interrupted> {
		if (worker.state !== "running")
			throw new BerthError("session_ended", `${session.name}/${worker.name} does not run`);
		return this.#interrupt(worker.id);
	}

	/** What was interrupted ends sooner than what goes on, so that its end is looked out for anew. */
	async #interrupt(workerId: string): Promise<Interrupted> {
		const interrupted = await this.#dispatcher.interrupt(workerId, this.#client(workerId));
		this.#turns.begun(workerId);
		return interrupted;
	}

	#client(workerId: string): HolderClient {
		const client = this.#supervisor.client(workerId);
		if (client) return client;
		throw new BerthError("holder_unreachable", "the agent's holder does not answer; it may be stopped");
	}
}
