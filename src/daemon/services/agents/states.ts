/**
 * The state of every agent: what each source said last is kept here, weighed (decide.ts), and written down when it makes a difference.
 * A state is stored with its evidence and told as the event `agent.state`; newer evidence for the same state is stored and not told.
 *
 * Owned by the daemon. The words live in its memory alone: after a start the stored status is what is left of them. What a protocol or a
 * hook had said is taken up again, since neither says it twice; what was seen on a screen holds only until somebody has looked.
 */
import type { AgentStatus, Evidence } from "../../../contract/agent.ts";
import { isLive } from "../../../contract/state.ts";
import { agentOf, allAgents, moveAgent, noteEvidence } from "../../../store/agents.ts";
import { oldestWaiting } from "../../../store/permissions.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { Bookkeeping, Change, Store } from "../../../store/store.ts";
import { exitOf, workerById } from "../../../store/workers.ts";
import type { Log } from "../../log.ts";
import type { Alarms } from "../alarms.ts";
import type { Heard, LivingNotice } from "../news.ts";
import { type Decision, decide, type Source, sources, statusOf, type Word } from "./decide.ts";
import { hookWord } from "./hook-words.ts";
import type { Seen } from "./screen-watch.ts";
import { signalWord } from "./signal-words.ts";
import type { HookFact, StateSink } from "./sinks.ts";

/** Milliseconds after its start within which an agent should have shown what it does; then it is unknown. */
const START_HOLDS_MS = 30_000;

/** Milliseconds for which a stored state holds that was seen: within them its screen is looked at again. */
const SEEN_HOLDS_MS = 10_000;

/** The rule of evidence that is a request for permission by a hook. */
const REQUEST_RULE = "permission-request";

/** Characters of evidence that are kept. */
export const EVIDENCE_TEXT_LIMIT = 300;

/** Looks at agents' own screens (screen-watch.ts). */
interface Watching {
	watch(workerId: string, definition: string): void;
	forget(workerId: string): void;
}

export interface StatesParts {
	store: Store;
	/** Rung when words get stale. */
	alarms: Pick<Alarms, "set" | "cancel">;
	screens: Watching;
	now: () => number;
	log: Log;
}

type Words = Map<Source, Word>;

interface Known {
	generation: number;
	words: Words;
}

/** One source's last word, and whether it is the state. */
export interface Spoken {
	word: Word;
	counted: boolean;
}

export class States implements StateSink {
	readonly #store: Store;
	readonly #alarms: Pick<Alarms, "set" | "cancel">;
	readonly #screens: Watching;
	readonly #now: () => number;
	readonly #log: Log;
	/** Of agents that live. */
	readonly #known = new Map<string, Known>();

	constructor({ store, alarms, screens, now, log }: StatesParts) {
		this.#store = store;
		this.#alarms = alarms;
		this.#screens = screens;
		this.#now = now;
		this.#log = log;
	}

	/** Takes up what is stored of agents that run. Call before holders are listened to. */
	start(): void {
		for (const row of allAgents(this.#store.read)) {
			const worker = workerById(this.#store.read, row.workerId);
			// The status of an earlier generation says nothing of this one, whose start is still to be told.
			if (worker && isLive(worker.state) && row.logGeneration === worker.generation)
				this.#guarded(worker.id, () => this.#resume(worker, row.status));
		}
	}

	stop(): void {
		for (const workerId of this.#known.keys()) this.#alarms.cancel(alarmOf(workerId));
		this.#known.clear();
	}

	started(worker: WorkerRow): void {
		if (!isLive(worker.state)) return;
		const at = this.#now();
		const evidence: Evidence = { kind: "process", rule: "started", text: null, at };
		const until = at + START_HOLDS_MS;
		this.#say(worker, { source: "start", state: "starting", since: at, evidence, until });
	}

	protocol(change: Change, worker: WorkerRow, { state, since, evidence }: AgentStatus): void {
		const word: Word = { source: "protocol", state, since, evidence, until: null };
		this.#say(worker, word, change);
	}

	hook(worker: WorkerRow, fact: HookFact): void {
		if (fact.event === "PermissionRequest" || fact.event === "PermissionEnded") {
			this.#say(worker, requestOf(this.#store, worker) ?? "request");
			return;
		}
		const told = hookWord(fact);
		if (told === "withdrawn") this.#say(worker, "hook");
		else if (told !== null) {
			const { event: rule, at } = fact;
			const evidence: Evidence = { kind: "hook", rule, text: told.text, at };
			this.#say(worker, { source: "hook", state: told.state, since: at, evidence, until: null });
		}
	}

	/** What a holder told. Costs nothing for workers that are no agents. */
	noticed({ workerId }: Heard, notice: LivingNotice): void {
		if (!this.#known.has(workerId)) return;
		const word = signalWord(notice, this.#now());
		const worker = word === null ? undefined : workerById(this.#store.read, workerId);
		if (worker && word !== null) this.#guarded(workerId, () => this.#say(worker, word));
	}

	/** What its screen shows by the rules; `unknown` when none holds. */
	seen(workerId: string, { state, evidence }: Seen): void {
		const worker = workerById(this.#store.read, workerId);
		if (!worker) return;
		const source = state === "unknown" ? "silence" : "rules";
		this.#known.get(workerId)?.words.delete(source === "rules" ? "silence" : "rules");
		this.#guarded(workerId, () =>
			this.#say(worker, { source, state, since: evidence.at, evidence, until: null }),
		);
	}

	ended(worker: WorkerRow): void {
		const known = this.#known.get(worker.id);
		if (known && known.generation > worker.generation) return;
		this.#known.delete(worker.id);
		this.#screens.forget(worker.id);
		this.#alarms.cancel(alarmOf(worker.id));
		const before = agentOf(this.#store.read, worker.id)?.status;
		if (!before || before.state === "exited") return;
		const { word } = endOf(worker, this.#now());
		const { state, since, evidence } = word;
		this.#store.change((change) => moveAgent(change, worker.id, { state, since, evidence }));
	}

	/** Every source's last word, the most trusted first. */
	words(worker: WorkerRow): Spoken[] {
		const known = this.#known.get(worker.id);
		if (!known || known.generation !== worker.generation)
			return isLive(worker.state) ? [] : [{ ...endOf(worker, this.#now()), counted: true }];
		const { word: counted } = decide(known.words.values(), this.#now());
		return sources.flatMap((source) => {
			const word = known.words.get(source);
			return word ? [{ word, counted: word === counted }] : [];
		});
	}

	#resume(worker: WorkerRow, status: AgentStatus): void {
		const { state, since, evidence } = status;
		const source = sourceOf(status);
		const words: Words = new Map();
		const until = source === "protocol" || source === "hook" ? null : this.#now() + SEEN_HOLDS_MS;
		if (state !== "exited" && state !== "unknown")
			words.set(source, { source, state, since, evidence, until });
		const request = requestOf(this.#store, worker);
		if (request) words.set("request", request);
		// A request is made in the middle of a turn, which goes on when it has been answered.
		const turn = words.get("hook");
		if (turn?.evidence.rule === REQUEST_RULE) words.set("hook", { ...turn, state: "busy" });
		this.#live(worker, words);
		this.#settle(worker.id);
	}

	/** Takes a word, or takes back what its source had said. */
	#say(worker: WorkerRow, said: Word | Source, change?: Change): void {
		if (!isLive(worker.state)) return;
		const known = this.#of(worker);
		// The word of an earlier start, which came late.
		if (known.generation > worker.generation) return;
		if (typeof said === "string") known.words.delete(said);
		else hear(known.words, said);
		this.#settle(worker.id, change);
	}

	#of(worker: WorkerRow): Known {
		const known = this.#known.get(worker.id);
		if (known && known.generation >= worker.generation) return known;
		return this.#live(worker, new Map());
	}

	#live(worker: WorkerRow, words: Words): Known {
		const known = { generation: worker.generation, words };
		this.#known.set(worker.id, known);
		const row = agentOf(this.#store.read, worker.id);
		if (row?.driver === "pty") this.#screens.watch(worker.id, row.definition);
		return known;
	}

	/** Weighs the words and writes what has changed: within `change` when there is one. */
	#settle(workerId: string, change?: Change): void {
		const known = this.#known.get(workerId);
		const before = agentOf(change?.tx ?? this.#store.read, workerId)?.status;
		if (!known || !before) return;
		const now = this.#now();
		const decision = decide(known.words.values(), now);
		this.#arm(workerId, decision);
		const status = statusOf(decision, before, now);
		if (status.state !== before.state) {
			if (change) moveAgent(change, workerId, status);
			else this.#store.change((own) => moveAgent(own, workerId, status));
		} else if (!sameEvidence(status.evidence, before.evidence)) {
			const note = (bookkeeping: Bookkeeping) => noteEvidence(bookkeeping, workerId, status);
			if (change) note(change);
			else this.#store.bookkeep(note);
		}
	}

	#arm(workerId: string, { reviewAt }: Decision): void {
		if (reviewAt === null) this.#alarms.cancel(alarmOf(workerId));
		else
			this.#alarms.set(alarmOf(workerId), reviewAt, () =>
				this.#guarded(workerId, () => this.#settle(workerId)),
			);
	}

	/** For what nobody called: a database that refuses must not end the daemon; the next word is weighed again. */
	#guarded(workerId: string, work: () => void): void {
		try {
			work();
		} catch (error) {
			this.#log("error", "an agent's state could not be recorded", {
				worker: workerId,
				error: String(error),
			});
		}
	}
}

function hear(words: Words, word: Word): void {
	const before = words.get(word.source);
	const since = before?.state === word.state ? before.since : word.since;
	const text = word.evidence.text?.slice(0, EVIDENCE_TEXT_LIMIT) ?? null;
	words.set(word.source, { ...word, since, evidence: { ...word.evidence, text } });
	// One that has shown what it does is no longer starting, even when it shows nothing after that.
	if (word.source !== "start" && word.state !== "unknown") words.delete("start");
}

/** The request for permission that a hook has been waiting for longest. */
function requestOf({ read }: Store, worker: WorkerRow): Word | null {
	const request = oldestWaiting(read, worker.id, "hook");
	if (!request) return null;
	const { title: text, createdAt: at, questions } = request;
	const evidence: Evidence = { kind: "hook", rule: REQUEST_RULE, text, at };
	return {
		source: "request",
		state: questions.length > 0 ? "needs-input" : "needs-permission",
		since: at,
		evidence,
		until: null,
	};
}

function endOf(worker: WorkerRow, now: number): { word: Word } {
	const at = worker.endedAt ?? now;
	const exit = exitOf(worker);
	const how = exit && (exit.code === null ? exit.signal : `exit status ${exit.code}`);
	const text = [exit?.reason, how].filter(Boolean).join(", ") || null;
	const rule = worker.state === "lost" ? "lost" : "exited";
	const evidence: Evidence = { kind: "process", rule, text, at };
	return { word: { source: "process", state: "exited", since: at, evidence, until: null } };
}

/** Whose word a stored status was. */
function sourceOf({ state, evidence }: AgentStatus): Source {
	switch (evidence.kind) {
		case "protocol":
		case "hook":
			return evidence.kind;
		case "terminal":
		case "screen":
			return "rules";
		default:
			return state === "starting" ? "start" : "silence";
	}
}

/** What is matched on a screen counts and turns; what it is evidence of does not change with that. */
function sameEvidence(a: Evidence, b: Evidence): boolean {
	return a.kind === b.kind && a.rule === b.rule && (a.kind === "screen" || a.text === b.text);
}

function alarmOf(workerId: string): string {
	return `agent-state ${workerId}`;
}
