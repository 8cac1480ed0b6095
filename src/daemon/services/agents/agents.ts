/**
 * The runtime of agents, put together: who reads their logs, and who takes what they tell. Owned by the daemon; agents and their holders
 * outlive it, and the next daemon reads on where this one was.
 */
import type { AgentExplanation } from "../../../contract/agent.ts";
import { isLive } from "../../../contract/state.ts";
import type { Event } from "../../../contract/system.ts";
import { ImageStore } from "../../../platform/images.ts";
import { agentOf, allAgents } from "../../../store/agents.ts";
import { workerById } from "../../../store/workers.ts";
import { Alarms } from "../alarms.ts";
import type { ControlContext } from "../control-context.ts";
import type { Heard, LivingNotice } from "../news.ts";
import type { Supervisor } from "../supervisor.ts";
import { AgentScreens } from "./agent-screens.ts";
import { Asking } from "./asking.ts";
import { Conversations } from "./conversations.ts";
import { ImageKeeping } from "./image-keeping.ts";
import { LogReader } from "./log-reader.ts";
import { hasSpoken, noteBegun } from "./new-conversation.ts";
import { Prompting } from "./prompting.ts";
import { quietly } from "./quietly.ts";
import { States } from "./states.ts";
import { type AgentTarget, findAgent, findStructuredAgent } from "./target.ts";

/** Events after which there may be a generation to begin or to end. */
const TURNS: ReadonlySet<string> = new Set([
	"worker.created",
	"worker.starting",
	"worker.exited",
	"worker.lost",
]);

export class Agents {
	readonly conversations: Conversations;
	readonly images: ImageStore;
	readonly prompting: Prompting;
	readonly states: States;
	readonly screens: AgentScreens;
	readonly asking: Asking;
	readonly #context: ControlContext;
	readonly #reader: LogReader;
	/** Workers whose holders have told their status since their last start or end. */
	readonly #met = new Set<string>();
	readonly #undo: (() => void)[];

	/** Hears of everything from now on; `start` looks at what happened before. */
	constructor(context: ControlContext, supervisor: Supervisor) {
		const { store, paths, log, now, monotonic } = context;
		this.#context = context;
		this.images = new ImageStore(paths.images);
		this.conversations = new Conversations(store);
		this.screens = new AgentScreens(context, supervisor, (workerId, seen) =>
			this.states.seen(workerId, seen),
		);
		const alarms = new Alarms(now, monotonic);
		this.states = new States({ store, alarms, screens: this.screens, now, log });
		const { images } = this;
		const caughtUp = (workerId: string) => this.caughtUp(workerId);
		this.prompting = new Prompting({ context, supervisor, images, caughtUp });
		const { prompts } = this.prompting;
		this.asking = new Asking(context, supervisor, {
			hook: (worker, fact) => {
				// First the answer, then the state that ends the prompt.
				prompts.hook(worker, fact);
				this.states.hook(worker, fact);
			},
		});
		const sinks = { permissions: this.asking.permissions, prompts, states: this.states };
		const onItems = () => this.conversations.changed();
		this.#reader = new LogReader({ store, paths, log, sinks, onItems });
		this.states.start();
		const keeping = new ImageKeeping({
			read: store.read,
			images: this.images,
			now,
			onFailure: (error) => log("error", "images could not be looked through", { error: String(error) }),
		});
		this.#undo = [
			store.onEvents((events) => this.#committed(events)),
			supervisor.onNotice((worker, notice) => this.#heard(worker, notice)),
			() => this.#reader.stop(),
			() => this.asking.stop(),
			() => this.prompting.stop(),
			() => this.conversations.stop(),
			() => keeping.stop(),
			() => this.states.stop(),
			() => this.screens.stop(),
			() => alarms.stop(),
		];
	}

	/** Takes up what happened while no daemon looked. Call once, when workers have been taken up. */
	start(): void {
		this.asking.start();
		for (const { workerId } of allAgents(this.#context.store.read)) this.#catchUp(workerId);
		this.prompting.start();
	}

	stop(): void {
		for (const step of this.#undo.splice(0)) step();
	}

	/** Resolves when everything that the agent's log holds by now has been taken. */
	caughtUp(workerId: string): Promise<void> {
		return this.#reader.catchUp(workerId);
	}

	/** The agent that is meant (target.ts). */
	target(ref: string, workerRef?: string): AgentTarget {
		return findAgent(this.#context.store.read, ref, workerRef);
	}

	/** What each source says of an agent's state, and what its screen shows now. */
	async explain(ref: string, workerRef?: string): Promise<AgentExplanation> {
		const { read } = this.#context.store;
		const { worker, agent } = findAgent(read, ref, workerRef);
		const looked = agent.driver === "pty" && isLive(worker.state);
		const { screen, rules } = looked
			? await this.screens.explain(worker.id, agent.definition)
			: { screen: null, rules: [] };
		const sources = this.states
			.words(worker)
			.map(({ word: { state, evidence }, counted }) => ({ state, evidence, counted }));
		const { status } = agentOf(read, worker.id) ?? agent;
		return { status, sources, screen, rules };
	}

	/** The structured agent that is meant (target.ts). */
	structured(ref: string, workerRef?: string): AgentTarget {
		return findStructuredAgent(this.#context.store.read, ref, workerRef);
	}

	#committed(events: readonly Event[]): void {
		for (const event of events) {
			const { type, workerId, data } = event;
			this.prompting.committed(event);
			if (hasSpoken(event)) queueMicrotask(() => this.#noteBegun(event.workerId!));
			if (workerId !== null && TURNS.has(type)) {
				this.#met.delete(workerId);
				this.#catchUp(workerId);
			}
			// Who follows a conversation that is gone should hear of it.
			if (type === "session.deleted" || data.deleted === true) this.conversations.changed();
		}
	}

	#noteBegun(workerId: string): void {
		const { store, log } = this.#context;
		quietly(log, "note a conversation", () => noteBegun(store, workerId));
	}

	#heard(worker: Heard, notice: LivingNotice): void {
		const { workerId } = worker;
		this.states.noticed(worker, notice);
		this.screens.noticed(workerId, notice);
		this.prompting.heard(workerId, notice);
		const { kind } = notice;
		// A status is the first thing that a holder tells: what it wrote before it was listened to rang no bell.
		if (kind === "agent") this.#catchUp(workerId);
		else if (kind === "status" && this.#isNews(workerId))
			this.#catchUp(workerId)?.then(() => this.asking.permissions.reached(workerId));
	}

	/** One with a screen of its own writes no log, and tells a status every second in which it draws: the first is enough. */
	#isNews(workerId: string): boolean {
		const first = !this.#met.has(workerId);
		this.#met.add(workerId);
		return first || !this.screens.watches(workerId);
	}

	#catchUp(workerId: string): Promise<void> | undefined {
		if (workerById(this.#context.store.read, workerId)?.kind !== "agent") return undefined;
		return this.#reader.catchUp(workerId);
	}
}
