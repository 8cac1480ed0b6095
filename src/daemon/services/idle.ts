/**
 * Ends sessions that nobody uses: nobody attached, no output and no foreground job for as long as the session's limit says.
 *
 * Idleness is counted from stored absolute times (the last activity, which holders know to the millisecond), so a daemon that was
 * restarted in between changes nothing, but for a grace in which clients may come back. What the clock jumps does not count. Each session has one alarm, at the moment
 * at which it would have been idle for long enough; only then is its holder asked. A holder that cannot be asked may be busy, so its
 * session is left alone, and a stop that fails leaves the session as it is; both are tried again.
 */
import type { HolderStatus } from "../../contract/link.ts";
import { isLive } from "../../contract/state.ts";
import type { SessionFacts, SessionRow } from "../../store/schema.ts";
import { sessionById, touchSession } from "../../store/sessions.ts";
import { workersOf } from "../../store/workers.ts";
import type { Alarms } from "./alarms.ts";
import { ClockJumps } from "./clock-jumps.ts";
import type { ControlContext } from "./control-context.ts";

/** Milliseconds after the daemon's start in which nothing is reaped: clients that were attached come back first. */
export const IDLE_GRACE_MS = 60_000;
/** Milliseconds until a session that was busy, could not be asked or could not be ended is looked at again, at most. */
const LOOK_AGAIN_MS = 60_000;
/** Milliseconds a holder may take to say what it does. */
const STATUS_MS = 2000;

export interface IdleParts {
	/** Writes the activity that was heard of and not yet stored. */
	flush(): void;
	/** Asks a worker's holder now; throws when it does not answer. */
	ask(workerId: string, withinMs: number): Promise<HolderStatus>;
	/** Ends all of the session's workers with the reason `idle`. */
	end(session: SessionRow): Promise<void>;
}

/** Seconds; null when the session is never reaped. A stored 0 is "off", whatever the default says. */
export function idleTimeout(session: SessionFacts, defaultSeconds: number): number | null {
	const seconds = session.idleTimeoutSeconds ?? (session.named ? 0 : defaultSeconds);
	return seconds === 0 ? null : seconds;
}

/** A person looks, or a job runs. A shell with integration knows it by its prompt, any other by the terminal's foreground group. */
function isBusy({ viewers, writers, foreground, prompt }: HolderStatus): boolean {
	return viewers + writers > 0 || foreground !== null || prompt === "running";
}

export class IdleReaper {
	readonly #context: ControlContext;
	readonly #alarms: Alarms;
	readonly #parts: IdleParts;
	readonly #clock: ClockJumps;
	/** On the monotonic clock. */
	readonly #graceUntil: number;

	constructor(context: ControlContext, alarms: Alarms, parts: IdleParts) {
		this.#context = context;
		this.#alarms = alarms;
		this.#parts = parts;
		this.#clock = new ClockJumps(context.now, context.monotonic);
		this.#graceUntil = context.monotonic() + IDLE_GRACE_MS;
	}

	/** Sets, moves or drops the session's alarm; call when it starts, ends, or its limit or name changes. */
	arm(sessionId: string): void {
		const { store, settings } = this.#context;
		const session = sessionById(store.read, sessionId);
		const seconds = session ? idleTimeout(session, settings.idleTimeoutSeconds) : null;
		const live = workersOf(store.read, sessionId).some(({ state }) => isLive(state));
		if (!session || seconds === null || !live) this.#alarms.cancel(`idle:${sessionId}`);
		else this.#wakeAt(sessionId, session.lastActiveAt + seconds * 1000);
	}

	#wakeAt(sessionId: string, at: number): void {
		const { now, monotonic } = this.#context;
		const earliest = now() + this.#graceUntil - monotonic();
		this.#alarms.set(`idle:${sessionId}`, Math.max(at, earliest), () => void this.#look(sessionId));
	}

	async #look(sessionId: string): Promise<void> {
		const { now, log } = this.#context;
		try {
			await this.#decide(sessionId);
		} catch (error) {
			log("warn", "an idle session could not be ended; it is tried again", {
				session: sessionId,
				error: String(error),
			});
			this.#wakeAt(sessionId, now() + LOOK_AGAIN_MS);
		}
	}

	async #decide(sessionId: string): Promise<void> {
		const { store, settings, now } = this.#context;
		const workers = workersOf(store.read, sessionId).filter(({ state }) => isLive(state));
		const statuses = await Promise.all(workers.map(({ id }) => this.#parts.ask(id, STATUS_MS)));
		this.#parts.flush();
		// Read after the holders were asked: it may have been touched, changed or ended meanwhile.
		const session = sessionById(store.read, sessionId);
		const seconds = session ? idleTimeout(session, settings.idleTimeoutSeconds) : null;
		if (!session || seconds === null || workers.length === 0) return;
		const busy = statuses.some(isBusy);
		const signs = [session.lastActiveAt, ...statuses.map(lastSign), ...(busy ? [now()] : [])];
		const active = Math.max(...signs);
		if (active > session.lastActiveAt)
			store.bookkeep((bookkeeping) => touchSession(bookkeeping, sessionId, active));
		const idleMs = Math.min(...signs.map((at) => this.#clock.since(at)));
		const dueAt = now() - idleMs + seconds * 1000;
		if (busy) this.#wakeAt(sessionId, Math.min(dueAt, now() + LOOK_AGAIN_MS));
		else if (dueAt > now()) this.#wakeAt(sessionId, dueAt);
		else await this.#parts.end(session);
	}
}

function lastSign({ lastOutputAt, lastInputAt }: HolderStatus): number {
	return Math.max(lastOutputAt, lastInputAt);
}
