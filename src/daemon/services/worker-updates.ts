/** Changes of a worker that people ask for: its name, and an agent's configuration. All of one request is made, or none of it. */
import { BerthError } from "../../contract/errors.ts";
import type { WorkerPatch } from "../../contract/session.ts";
import { type AgentChange, updateAgent } from "../../store/agents.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import { sessionById } from "../../store/sessions.ts";
import { updateWorker, workerById } from "../../store/workers.ts";
import type { AgentReach } from "./agents/change.ts";
import { configureAgent } from "./agents/configuring.ts";
import type { ControlContext } from "./control-context.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { checkRename } from "./worker-changes.ts";

export class WorkerUpdates {
	readonly #context: ControlContext;
	readonly #reach: AgentReach;
	/** One change of an agent's configuration at a time. */
	readonly #configuring = new KeyedLock();

	constructor(context: ControlContext, reach: AgentReach) {
		this.#context = context;
		this.#reach = reach;
	}

	/** Throws `invalid_name`, `name_taken`, and what {@link configureAgent} does; nothing is changed then. */
	async apply(workerId: string, { name, agent, now = false }: WorkerPatch): Promise<void> {
		if (agent === undefined) {
			this.#change(workerId, name, null);
			return;
		}
		await this.#configuring.run(workerId, async () => {
			const { session, worker } = this.#found(workerId);
			// Before the agent is told anything.
			if (name !== undefined) checkRename(this.#context.store.read, session, worker, name);
			const change = await configureAgent(this.#context, worker, { patch: agent, now }, this.#reach);
			this.#change(workerId, name, change);
		});
	}

	#change(workerId: string, name: string | undefined, agent: AgentChange | null): void {
		const { store } = this.#context;
		const { session, worker } = this.#found(workerId);
		const renamed = name !== undefined && checkRename(store.read, session, worker, name);
		if (!renamed && agent === null) return;
		store.change((change) => {
			if (renamed) updateWorker(change, workerId, { name });
			if (agent) updateAgent(change, workerId, agent);
		});
	}

	#found(workerId: string): { session: SessionRow; worker: WorkerRow } {
		const { read } = this.#context.store;
		const worker = workerById(read, workerId);
		const session = worker && sessionById(read, worker.sessionId);
		if (!worker || !session) throw new BerthError("worker_not_found", "it was forgotten meanwhile");
		return { session, worker };
	}
}
