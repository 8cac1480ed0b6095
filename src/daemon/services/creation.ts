/** Making sessions and workers: planned, stored, started; one whose start fails has never been there. */
import { BerthError } from "../../contract/errors.ts";
import type { NewSession, NewWorker } from "../../contract/session.ts";
import type { Worktree } from "../../contract/worktree.ts";
import { createWorktree } from "../../store/repositories.ts";
import type { SessionRow, WorkerRow } from "../../store/schema.ts";
import { createSession, updateSession } from "../../store/sessions.ts";
import { planSession, planWorker } from "./admission.ts";
import { storeWorker, writeFiles } from "./agents/making.ts";
import type { ControlContext } from "./control-context.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { likened } from "./likeness.ts";
import type { Removal } from "./removal.ts";
import type { Repositories } from "./repositories.ts";
import { planWorktree } from "./worktree-plan.ts";
import type { Worktrees } from "./worktrees.ts";

/** Ports that are tried for a session that did not ask for one. */
const PORT_ATTEMPTS = 8;

/** Free ports among which the next one is drawn, for each time that another took ours: whoever takes the lowest loses to the same again. */
const PORTS_PER_LOSS = 16;

interface CreationParts {
	lifecycle: Lifecycle;
	removal: Removal;
	repositories: Repositories;
	worktrees: Worktrees;
}

export class Creation {
	readonly #context: ControlContext;
	readonly #parts: CreationParts;

	constructor(context: ControlContext, parts: CreationParts) {
		this.#context = context;
		this.#parts = parts;
	}

	async create(asked: NewSession): Promise<SessionRow> {
		const input = likened(this.#read, asked);
		const plan = planWorktree(this.#read, this.#parts.repositories, input);
		if (!plan) return this.#createSomewhere(input);
		const worktree = await this.#parts.worktrees.make(plan.repository, plan.name, input);
		try {
			return await this.#createSomewhere({ ...input, name: plan.name, cwd: worktree.path }, worktree);
		} catch (error) {
			await this.#parts.worktrees.undo(worktree);
			throw error;
		}
	}

	async #createSomewhere(input: NewSession, worktree?: Worktree): Promise<SessionRow> {
		for (let attempt = 1; ; attempt++) {
			try {
				const skip = Math.floor(Math.random() * PORTS_PER_LOSS * (attempt - 1));
				return await this.#create(input, worktree, skip);
			} catch (error) {
				// A stranger took the port that we chose between the look and the holder's listening: there are others.
				const tookOurs =
					error instanceof BerthError && error.code === "port_taken" && input.port === undefined;
				if (!tookOurs || attempt === PORT_ATTEMPTS) throw error;
			}
		}
	}

	async addWorker(session: SessionRow, input: NewWorker): Promise<WorkerRow> {
		const { worker, agent } = planWorker(this.#context, session, input);
		this.#context.store.change((change) => storeWorker(change, worker, agent));
		try {
			writeFiles(agent);
			await this.#parts.lifecycle.start(session, worker);
		} catch (error) {
			this.#parts.removal.forgetWorker(worker);
			throw error;
		}
		return worker;
	}

	async #create(input: NewSession, worktree: Worktree | undefined, skipPorts: number): Promise<SessionRow> {
		const { session, worker, agent, portFrom } = planSession(this.#context, input, skipPorts);
		this.#context.store.change((change) => {
			if (portFrom) updateSession(change, portFrom.id, { port: null });
			createSession(change, session);
			if (worktree) createWorktree(change, { sessionId: session.id, ...worktree });
			storeWorker(change, worker, agent);
		});
		try {
			writeFiles(agent);
			await this.#parts.lifecycle.start(session, worker);
		} catch (error) {
			this.#parts.removal.forget(session, [worker]);
			throw error;
		}
		return session;
	}

	get #read() {
		return this.#context.store.read;
	}
}
