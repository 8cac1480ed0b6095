/**
 * Requests for permission: what agents ask, and who answers. One writer of truth for each: a structured agent's request is ended by its
 * holder, whose log says so (sinks.ts), also while no daemon runs; one that came by a hook is ended here (hook-requests.ts). Either way it
 * ends once: the first answer counts, and a late one is refused.
 */
import type { AskedPermission, EndedPermission } from "../../../contract/agent-log.ts";
import { BerthError } from "../../../contract/errors.ts";
import {
	type NewPermissionRule,
	type Permission,
	type PermissionAnswer,
	type PermissionRule,
	UNANSWERED,
} from "../../../contract/permission.ts";
import type { ExitReason } from "../../../contract/state.ts";
import type { Event } from "../../../contract/system.ts";
import type { HolderClient } from "../../../link/client.ts";
import { agentOf } from "../../../store/agents.ts";
import {
	createPermission,
	endPermission,
	listPermissions,
	type PermissionEnding,
	type PermissionFilter,
	pendingPermissions,
	permissionById,
	permissionEnded,
	prunePermissions,
} from "../../../store/permissions.ts";
import type { PermissionRow, WorkerRow } from "../../../store/schema.ts";
import type { Change, Reader, Store } from "../../../store/store.ts";
import type { Log } from "../../log.ts";
import { Endings } from "./endings.ts";
import { checkAnswer } from "./permission-answer.ts";
import type { PermissionRules } from "./permission-rules.ts";
import { quietly } from "./quietly.ts";
import type { PermissionSink } from "./sinks.ts";

/** Milliseconds within which a healthy holder passes an answer on, and then its log is read. */
const ANSWER_MS = 5000;

/** Requests that have ended and are kept to be looked at; each may hold a whole file. */
const KEPT = 500;

export interface PermissionParts {
	store: Store;
	rules: PermissionRules;
	/** The control connection to a worker's holder; null while there is none. */
	holder: (workerId: string) => HolderClient | null;
	log: Log;
}

export class Permissions implements PermissionSink {
	readonly endings: Endings<PermissionRow>;
	readonly #store: Store;
	readonly #rules: PermissionRules;
	readonly #holder: PermissionParts["holder"];
	readonly #log: Log;
	readonly #undo: () => void;

	constructor({ store, rules, holder, log }: PermissionParts) {
		this.#store = store;
		this.#rules = rules;
		this.#holder = holder;
		this.#log = log;
		this.endings = new Endings(store, "permission.ended", (read, id) => {
			const row = permissionById(read, id);
			return row && row.state !== "pending" ? row : null;
		});
		this.#undo = store.onEvents((events) => this.#committed(events));
	}

	/** A holder has been reached, and its log been read: what waits there is answered where a rule says so. */
	reached(workerId: string): void {
		quietly(this.#log, "answer what waits by rules", () => {
			for (const row of pendingPermissions(this.#read, { workerId })) this.#byRule(row);
		});
	}

	stop(): void {
		this.#undo();
		this.endings.stop();
	}

	list(filter: PermissionFilter, limit: number): Permission[] {
		return listPermissions(this.#read, filter, limit);
	}

	/** Throws `permission_not_found`. */
	get(id: string): Permission {
		return this.#found(id);
	}

	/**
	 * Answers for a person; the request as it is then. Throws `permission_ended` for one that has ended, whoever was first.
	 * `mayMakeRules` false refuses an `always` that would need a rule of Berth's (`forbidden`).
	 */
	async answer(id: string, answer: PermissionAnswer, mayMakeRules: boolean): Promise<Permission> {
		const row = this.#found(id);
		if (row.state !== "pending") throw permissionEnded(row);
		const { optionId, answers, rule } = checkAnswer(row, answer);
		if (rule && !mayMakeRules) {
			const detail =
				"the agent offers no such option, and the rule that would stand for it needs an unbound admin's token";
			throw new BerthError("forbidden", `${detail}; answer without always`);
		}
		const { decision, reason = null } = answer;
		const ended = await this.#answer(row, {
			...{ decision, optionId, by: "person", ruleId: null, reason },
			...(answers && { answers }),
		});
		if (rule) this.addRule(rule);
		return ended;
	}

	/** Adds a rule, which also answers what waits already. */
	addRule(asked: NewPermissionRule): { rule: PermissionRule; added: boolean } {
		const made = this.#rules.add(asked);
		if (made.added) for (const row of pendingPermissions(this.#read)) this.#byRule(row);
		return made;
	}

	asked(change: Change, worker: WorkerRow, { call: _call, ...asked }: AskedPermission, at: number): void {
		if (permissionById(change.tx, asked.id)) return;
		// The log may be an earlier generation's, read late.
		const generation = agentOf(change.tx, worker.id)?.logGeneration ?? worker.generation;
		const request = newRequest(change.tx, worker);
		createPermission(change, {
			...request,
			questions: [],
			...asked,
			generation,
			source: "protocol",
			createdAt: at,
		});
	}

	answered(change: Change, _worker: WorkerRow, { id, ...ending }: EndedPermission, at: number): void {
		if (permissionById(change.tx, id)?.state === "pending")
			endPermission(change, id, { ...ending, endedAt: at });
	}

	ended(worker: WorkerRow): void {
		const mine = pendingPermissions(this.#read, { workerId: worker.id });
		for (const { id, generation } of mine) {
			if (generation <= worker.generation) this.end(id, cancelled(endOf(worker)));
		}
	}

	/** Ends a request that is still pending, where the daemon decides; quiet when somebody was first. */
	end(id: string, ending: Omit<PermissionEnding, "endedAt">): void {
		if (permissionById(this.#read, id)?.state !== "pending") return;
		this.#store.change((change) => endPermission(change, id, { ...ending, endedAt: change.at }));
	}

	async #answer(
		row: PermissionRow,
		answer: Omit<PermissionEnding, "endedAt" | "state">,
	): Promise<PermissionRow> {
		const { id, source, workerId } = row;
		if (source === "hook") {
			return this.#store.change((change) =>
				endPermission(change, id, { ...answer, state: "answered", endedAt: change.at }),
			);
		}
		const client = this.#holder(workerId);
		if (!client) {
			throw new BerthError(
				"holder_unreachable",
				"the agent's holder does not answer; the request is denied at its deadline",
			);
		}
		await client.call("agentAnswer", { id, ...answer }, ANSWER_MS);
		return (await this.endings.of(id, AbortSignal.timeout(ANSWER_MS))) ?? this.#found(id);
	}

	#committed(events: readonly Event[]): void {
		for (const { type, data } of events) {
			// After all have heard of this commit: what a rule makes of it is the next one.
			if (type === "permission.requested") queueMicrotask(() => this.#ask(String(data.id)));
		}
		if (events.some(({ type }) => type === "permission.ended")) queueMicrotask(() => this.#prune());
	}

	#ask(id: string): void {
		quietly(this.#log, "look at a request for permission", () => {
			const row = permissionById(this.#read, id);
			if (row) this.#byRule(row);
		});
	}

	/** Answers by a rule, when one decides. A request that it does not reach is denied at its deadline. */
	#byRule(row: PermissionRow): void {
		quietly(this.#log, "answer a request for permission by its rule", async () => {
			if (row.state !== "pending") return;
			const rule = this.#rules.decide(row);
			if (rule === null || rule.decision === "ask") return;
			try {
				await this.#answer(row, byRule(rule.decision, rule.id));
			} catch (error) {
				// A person was faster.
				if (!(error instanceof BerthError) || error.code !== "permission_ended") throw error;
			}
		});
	}

	#prune(): void {
		quietly(this.#log, "drop old requests for permission", () =>
			this.#store.bookkeep((bookkeeping) => prunePermissions(bookkeeping, KEPT)),
		);
	}

	get #read(): Reader {
		return this.#store.read;
	}

	#found(id: string): PermissionRow {
		const row = permissionById(this.#read, id);
		if (row) return row;
		throw new BerthError("permission_not_found", `there is no request ${id}; see berth permissions ls --all`);
	}
}

/** What every new request of this worker has. */
export function newRequest(read: Reader, worker: WorkerRow) {
	const agent = agentOf(read, worker.id);
	if (!agent) throw new BerthError("not_an_agent", `${worker.name} is no agent`);
	return {
		sessionId: worker.sessionId,
		workerId: worker.id,
		generation: worker.generation,
		agent: agent.definition,
		cwd: worker.cwd,
		...UNANSWERED,
	} satisfies Partial<PermissionRow>;
}

export function byRule(
	decision: "allow" | "deny",
	ruleId: string,
): Omit<PermissionEnding, "endedAt" | "state"> {
	const reason = decision === "deny" ? `a rule of Berth's denies it (${ruleId})` : null;
	return { decision, optionId: null, by: "rule", ruleId, reason };
}

function cancelled(reason: string): Omit<PermissionEnding, "endedAt"> {
	return { state: "cancelled", decision: "deny", optionId: null, by: "daemon", ruleId: null, reason };
}

const ends: Record<ExitReason, string> = {
	exited: "the agent has exited",
	closed: "the agent was closed",
	killed: "the agent was killed",
	stopped: "the agent was stopped",
	idle: "the agent was ended for being idle",
	lost: "the agent's holder is gone",
	failed: "the agent failed to start",
};

function endOf({ exitReason }: WorkerRow): string {
	return exitReason === null ? "the agent has been restarted" : ends[exitReason];
}
