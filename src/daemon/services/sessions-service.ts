/**
 * What routes ask of the control plane. Lifecycle lives behind this interface and nowhere else; `services/sessions.ts` implements
 * it, `app.ts` hands it to the routes.
 *
 * `ref` is a session's id, a unique id prefix, its name or its port; `workerRef` a worker's id, unique id prefix or name, the
 * primary worker when absent. Every method throws a BerthError; none leaves half-made things behind.
 */
import type { SessionProcess } from "../../contract/activity.ts";
import type { RestartOptions } from "../../contract/agent-start.ts";
import type { HolderSpec } from "../../contract/link.ts";
import type {
	DeletedSession,
	NewSession,
	NewWorker,
	Restarted,
	Session,
	SessionPatch,
	Worker,
	WorkerPatch,
} from "../../contract/session.ts";
import type { SignalName } from "../../contract/signals.ts";
import type { WorktreeState } from "../../contract/worktree.ts";
import type { HolderClient } from "../../link/client.ts";

export interface SessionsService {
	/** Live sessions, or ended ones too; oldest first. */
	list(all: boolean): Session[];
	get(ref: string): Session;
	worker(ref: string, workerRef?: string): Worker;
	create(input: NewSession): Promise<Session>;
	addWorker(ref: string, input: NewWorker): Promise<Worker>;
	update(ref: string, patch: SessionPatch): Session;
	/** A live agent takes another model or mode at once, or refuses and nothing is changed. */
	updateWorker(ref: string, workerRef: string, patch: WorkerPatch): Promise<Worker>;
	/** Forgets an ended worker and its journal; `worker_running` while it runs, `primary_worker` for the session's first. */
	removeWorker(ref: string, workerRef: string): void;
	/** How the worktree of a session stands; `no_worktree` when it has none. */
	worktree(ref: string): Promise<WorktreeState>;
	/**
	 * Forgets an ended session and its journal; `session_running` while it runs. Its worktree stays unless it is asked for, and then
	 * `worktree_unsaved` keeps everything when work would be lost, unless `force`.
	 */
	remove(ref: string, worktree?: { force: boolean }): Promise<DeletedSession>;
	/** Hang up, terminate, kill; resolves when no process of the tree is left. Quiet success on what has ended. */
	close(ref: string, workerRef?: string): Promise<void>;
	kill(ref: string, workerRef?: string): Promise<void>;
	/** Ends its workers until {@link resume}; what is paused stays so. `session_ended` when nothing runs. */
	pause(ref: string): Promise<Session>;
	/** What ran runs again, or nothing does; `illegal_transition` when it is not paused, or is being resumed already. */
	resume(ref: string): Promise<Session>;
	/** What an agent's start is to change is merged into its configuration; its conversation goes on unless `fresh`. */
	restart(ref: string, workerRef?: string, options?: RestartOptions): Promise<Restarted>;
	/** Sends to the foreground process group; `session_ended` when there is none. */
	signal(ref: string, signal: SignalName, workerRef?: string): Promise<{ pgid: number }>;
	/** The control connection to a live worker's holder; `session_ended` or `holder_unreachable`. */
	holder(ref: string, workerRef?: string): HolderClient;
	/** Every process that ending the session, or one worker of it, would end; parents before their children. */
	processes(ref: string, workerRef?: string): SessionProcess[];
	/** What a worker was last started with; its folder and socket are in it. Also for ended workers. */
	spec(ref: string, workerRef?: string): HolderSpec;
}
