/**
 * Requests for permission that came by an agent's hook, which waits for the answer: the daemon decides them and keeps their deadlines, which
 * are stored. The hook asks again, with the same id, when a daemon went away; when it does not, or goes away itself, nobody asks any more.
 */
import { BerthError } from "../../../contract/errors.ts";
import type { Event } from "../../../contract/system.ts";
import {
	createPermission,
	endPermission,
	oldestWaiting,
	pendingPermissions,
	permissionById,
} from "../../../store/permissions.ts";
import type { PermissionRow, WorkerRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";
import type { Log } from "../../log.ts";
import { Alarms } from "../alarms.ts";
import type { PermissionRules, RuleSubject } from "./permission-rules.ts";
import { byRule, newRequest, type Permissions } from "./permissions.ts";
import { quietly } from "./quietly.ts";
import type { StateSink } from "./sinks.ts";

/** Milliseconds after the daemon's start within which a hook that still waits has asked again; it tries every second. */
const RETURN_MS = 15_000;

export interface HookRequestParts {
	store: Store;
	permissions: Permissions;
	rules: PermissionRules;
	states: Pick<StateSink, "hook">;
	timeoutMs: number;
	now: () => number;
	monotonic: () => number;
	log: Log;
}

/** A call of a tool that a hook tells of. */
export type HookedCall = Pick<
	PermissionRow,
	"id" | "tool" | "kind" | "title" | "subject" | "input" | "options" | "questions"
>;

export class HookRequests {
	readonly #parts: HookRequestParts;
	readonly #alarms: Alarms;
	readonly #undo: () => void;
	/** Those that waited for a person, which the agent's state was told. */
	readonly #waited = new Set<string>();

	constructor(parts: HookRequestParts) {
		this.#parts = parts;
		this.#alarms = new Alarms(parts.now, parts.monotonic);
		this.#undo = parts.store.onEvents((events) => this.#committed(events));
	}

	/** Winds up the deadlines of what waited when the last daemon went. */
	start(): void {
		const { store, permissions, now } = this.#parts;
		for (const row of pendingPermissions(store.read)) {
			if (row.source !== "hook") continue;
			this.#wind(row);
			this.#ring(`return:${row.id}`, now() + RETURN_MS, () => {
				if (permissions.endings.waiting(row.id) === 0) this.withdraw(row.id, "its hook did not come back");
			});
		}
	}

	stop(): void {
		this.#undo();
		this.#alarms.stop();
	}

	/**
	 * The request when it has ended: at once when a rule decides. `gone` means that whoever asked does so no more; null when `stopping`
	 * came first: it is to ask the next daemon.
	 */
	async ask(
		worker: WorkerRow,
		call: HookedCall,
		{ gone, stopping }: { gone: AbortSignal; stopping: AbortSignal },
	): Promise<PermissionRow | null> {
		const row = this.#known(worker, call.id) ?? this.record(worker, call);
		const { permissions } = this.#parts;
		this.#alarms.cancel(`return:${row.id}`);
		const ended = await permissions.endings.of(row.id, AbortSignal.any([gone, stopping]));
		if (ended || stopping.aborted) return ended;
		// The same request may have been brought again meanwhile.
		if (permissions.endings.waiting(row.id) === 0) this.withdraw(row.id, "the agent asks no more");
		return permissionById(this.#parts.store.read, row.id) ?? null;
	}

	/** Stores a request, with the answer when a rule decides. */
	record(worker: WorkerRow, call: HookedCall): PermissionRow {
		const { store, rules, timeoutMs, states, now } = this.#parts;
		const known = this.#known(worker, call.id);
		if (known) return known;
		const row = store.change((change): PermissionRow => {
			const fresh: PermissionRow = {
				...newRequest(change.tx, worker),
				...call,
				source: "hook",
				createdAt: change.at,
				deadlineAt: change.at + timeoutMs,
			};
			createPermission(change, fresh);
			const rule = rules.decide(fresh);
			if (rule === null || rule.decision === "ask") return fresh;
			const ending = { ...byRule(rule.decision, rule.id), state: "answered" as const, endedAt: change.at };
			return endPermission(change, fresh.id, ending);
		});
		if (row.state === "pending") {
			this.#wind(row);
			states.hook(worker, { ...told(now()), event: "PermissionRequest", about: row.tool, text: row.title });
		}
		return row;
	}

	/** Nobody asks any more. */
	withdraw(id: string, reason: string): void {
		this.#parts.permissions.end(id, {
			...{ state: "cancelled", decision: "deny", optionId: null, by: "agent", ruleId: null, reason },
		});
	}

	/** What rules look at in a call of this worker's. */
	subject(worker: WorkerRow, call: HookedCall): RuleSubject {
		const { agent, cwd } = newRequest(this.#parts.store.read, worker);
		const { tool, kind, subject, questions } = call;
		return { tool, kind, subject, questions, agent, cwd };
	}

	#known(worker: WorkerRow, id: string): PermissionRow | null {
		const row = permissionById(this.#parts.store.read, id);
		if (!row) return null;
		if (row.workerId === worker.id && row.source === "hook") return row;
		throw new BerthError("bad_request", `the id ${id} is another request's`, { field: "id" });
	}

	#wind({ id, deadlineAt, createdAt }: PermissionRow): void {
		this.#waited.add(id);
		const seconds = Math.round((deadlineAt - createdAt) / 1000);
		this.#ring(id, deadlineAt, () =>
			this.#parts.permissions.end(id, {
				...{ state: "expired", decision: "deny", optionId: null, by: "deadline", ruleId: null },
				reason: `nobody answered within ${seconds} s`,
			}),
		);
	}

	#ring(key: string, at: number, work: () => void): void {
		this.#alarms.set(key, at, () => quietly(this.#parts.log, "end a request for permission", work));
	}

	#committed(events: readonly Event[]): void {
		for (const { type, data, workerId } of events) {
			const id = String(data.id);
			if (type !== "permission.ended" || workerId === null || !this.#waited.delete(id)) continue;
			this.#alarms.cancel(id);
			this.#alarms.cancel(`return:${id}`);
			queueMicrotask(() =>
				quietly(this.#parts.log, "tell the end of a request", () => this.#ended(workerId)),
			);
		}
	}

	/** Tells the agent's state when nothing waits any more. */
	#ended(workerId: string): void {
		const { store, states, now } = this.#parts;
		const worker = workerById(store.read, workerId);
		if (worker && !oldestWaiting(store.read, workerId, "hook"))
			states.hook(worker, { ...told(now()), event: "PermissionEnded", about: null, text: null });
	}
}

function told(at: number) {
	return { at, conversation: null, subagent: false };
}
