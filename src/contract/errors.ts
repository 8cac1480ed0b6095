/**
 * Every failure that Berth reports, with its stable code.
 *
 * One table serves the HTTP problem documents (RFC 9457), the holder protocol and the CLI. A code is never renamed or reused;
 * the `detail` of one occurrence says what happened and what to do.
 */

interface ErrorKind {
	status: number;
	title: string;
}

export const errorKinds = {
	bad_request: { status: 400, title: "The request is not valid" },
	invalid_name: { status: 400, title: "The name cannot be used" },
	invalid_cwd: { status: 400, title: "The directory cannot be used" },
	invalid_command: { status: 400, title: "The command cannot be started" },
	invalid_key: { status: 400, title: "A key name is not known" },
	invalid_size: { status: 400, title: "The size is out of range" },
	invalid_pattern: { status: 400, title: "The regular expression is not valid" },
	invalid_repository: { status: 400, title: "The directory is no git repository" },
	invalid_base: { status: 400, title: "The repository has no such commit" },
	invalid_agent: { status: 400, title: "The agent's definition cannot be used" },
	invalid_image: { status: 400, title: "The image cannot be used" },
	unauthorized: { status: 401, title: "A valid token is needed" },
	forbidden: { status: 403, title: "The token's scope does not cover this" },
	origin_refused: { status: 403, title: "The Host or Origin header is not one of ours" },
	not_found: { status: 404, title: "There is no such path" },
	session_not_found: { status: 404, title: "There is no such session" },
	worker_not_found: { status: 404, title: "There is no such worker" },
	no_worktree: { status: 404, title: "The session has no worktree" },
	token_not_found: { status: 404, title: "There is no such token" },
	repository_not_found: { status: 404, title: "There is no such repository" },
	agent_not_found: { status: 404, title: "There is no such agent" },
	prompt_not_found: { status: 404, title: "There is no such prompt" },
	permission_not_found: { status: 404, title: "There is no such request for permission" },
	rule_not_found: { status: 404, title: "There is no such rule" },
	blob_not_found: { status: 404, title: "There is no such image" },
	lifecycle_at_daemon: { status: 404, title: "Lifecycle lives at the daemon" },
	unknown_method: { status: 404, title: "The holder does not know this call" },
	method_not_allowed: { status: 405, title: "The path does not take this method" },
	ambiguous_reference: { status: 409, title: "The reference fits more than one session" },
	name_taken: { status: 409, title: "The name is taken" },
	branch_taken: { status: 409, title: "The branch exists" },
	worktree_unsaved: { status: 409, title: "The worktree holds work that would be lost" },
	git_refused: { status: 409, title: "Git refused" },
	port_taken: { status: 409, title: "The port is taken" },
	no_free_port: { status: 409, title: "No port is free" },
	daemon_running: { status: 409, title: "A daemon runs already" },
	session_running: { status: 409, title: "The session is running" },
	worker_running: { status: 409, title: "The worker is running" },
	primary_worker: { status: 409, title: "The session cannot be without this worker" },
	session_paused: { status: 409, title: "The session is paused" },
	session_ended: { status: 409, title: "The session has ended" },
	session_busy: { status: 409, title: "The shell is busy" },
	shell_not_integrated: { status: 409, title: "The shell does not report its commands" },
	not_an_agent: { status: 409, title: "The worker is no agent of that sort" },
	agent_not_installed: { status: 409, title: "The agent is not installed" },
	agent_busy: { status: 409, title: "The agent is busy" },
	would_interrupt: { status: 409, title: "It would interrupt the agent" },
	agent_refused: { status: 409, title: "The agent refused" },
	agent_built_in: { status: 409, title: "A built-in agent cannot be removed" },
	prompt_ended: { status: 409, title: "The prompt has ended" },
	permission_ended: { status: 409, title: "The request for permission has ended" },
	stale_generation: { status: 409, title: "The generation is not the current one" },
	illegal_transition: { status: 409, title: "The state does not allow this" },
	cursor_too_old: { status: 410, title: "The events asked for are no longer kept" },
	ticket_invalid: { status: 401, title: "The login link has been used or has expired" },
	too_large: { status: 413, title: "The request is too large" },
	unsupported_media_type: { status: 415, title: "The content type is not accepted" },
	internal: { status: 500, title: "Berth failed" },
	spawn_failed: { status: 500, title: "The process could not be started" },
	journal_failed: { status: 500, title: "The output could not be kept on disk" },
	store_failed: { status: 500, title: "The database refused" },
	stop_failed: { status: 500, title: "Some processes could not be ended" },
	holder_unreachable: { status: 503, title: "The session's holder does not answer" },
	daemon_unreachable: { status: 503, title: "The daemon does not answer" },
	protocol_mismatch: { status: 502, title: "The other side speaks another protocol" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** An RFC 9457 problem document; `code` is one of {@link errorKinds}. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	detail: string;
	code: ErrorCode;
	/** Facts for programs: `{ busyWith: "vim" }`, `{ oldest: 17 }`, `{ field: "cwd" }`. */
	info?: Record<string, unknown>;
}

/** A failure as a value: a stable code, and a sentence that says what happened and what to do. */
export class BerthError extends Error {
	readonly code: ErrorCode;
	readonly info: Record<string, unknown> | undefined;

	constructor(code: ErrorCode, detail: string, info?: Record<string, unknown>, cause?: unknown) {
		super(detail, cause === undefined ? undefined : { cause });
		this.name = "BerthError";
		this.code = code;
		this.info = info;
	}

	/** HTTP status of this code. */
	get status(): number {
		return errorKinds[this.code].status;
	}

	toProblem(): Problem {
		const { status, title } = errorKinds[this.code];
		const problem: Problem = {
			type: `urn:berth:error:${this.code}`,
			title,
			status,
			detail: this.message,
			code: this.code,
		};
		if (this.info) problem.info = this.info;
		return problem;
	}

	/** Any thrown value as a BerthError; what is not one of ours becomes `internal`. */
	static from(thrown: unknown): BerthError {
		if (thrown instanceof BerthError) return thrown;
		const detail = thrown instanceof Error ? thrown.message : String(thrown);
		return new BerthError("internal", detail, undefined, thrown);
	}

	/** Rebuilds the error that a peer sent; an unknown code (a newer peer's) becomes `internal` and keeps the sentence. */
	static fromProblem(problem: {
		code?: string;
		detail?: string;
		title?: string;
		info?: Record<string, unknown>;
	}): BerthError {
		const known = problem.code !== undefined && problem.code in errorKinds;
		const code = known ? (problem.code as ErrorCode) : "internal";
		return new BerthError(code, problem.detail ?? problem.title ?? "no detail was given", problem.info);
	}
}
