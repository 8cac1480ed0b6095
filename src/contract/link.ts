/**
 * What a holder and its callers say to each other over the holder's unix socket.
 *
 * The protocol is small because it must outlive versions: an old holder serves a new daemon for as long as its process runs.
 * Rules for changing it: add optional fields and new methods; never rename, remove or change the meaning of one. A caller that
 * meets `unknown_method` behaves as if the feature did not exist.
 *
 * One connection is either a control connection (hello, calls, notices) or, after `attach`, an attach stream (stream.ts).
 *
 *   caller → holder   {type:"identify"}                            → {type:"identity", …}; attaches to nothing, steals nothing
 *                     {type:"call", id, method, params}            → {type:"result", id, result} or {type:"fault", id, problem}
 *                     {type:"subscribe"}                           → {type:"notice", notice} from now on, the status first
 *                     {type:"attach", ...AttachRequest}            → the attach stream
 */
import type { AttachedClient } from "./activity.ts";
import type { AgentPrompt, AgentSpec, EndedPermission } from "./agent-log.ts";
import type { Problem } from "./errors.ts";
import type {
	OutputText,
	RunRequest,
	RunResult,
	ScreenFormat,
	ScreenView,
	WaitRequest,
	WaitResult,
} from "./io.ts";
import type { SignalName } from "./signals.ts";
import type { Exit, ExitReason } from "./state.ts";
import type { AttachRequest, SizePolicy } from "./stream.ts";

/** Counts incompatible changes of this file; there should never be a second. */
export const LINK_PROTOCOL = 1;

export type PtyDriverName = "bun" | "bun-pty";
export type ScreenEngineName = "ghostty" | "xterm";

/**
 * Everything a holder needs, as the daemon wrote it into the worker's folder (`spec.json`, 0600). The holder reads nothing else
 * of the daemon's: no database, no configuration.
 */
export interface HolderSpec {
	protocol: number;
	sessionId: string;
	sessionName: string;
	workerId: string;
	generation: number;
	/** The daemon has given this start up: a holder that was still on its way must not begin. */
	revoked?: boolean;
	/** Proves to the daemon that what answers on the socket is the holder it started: 32 hex digits. */
	nonce: string;
	/** The program and its arguments; never empty. */
	argv: string[];
	cwd: string;
	/** The whole environment of the process, `BERTH_SESSION` and `BERTH_WORKER` included. */
	env: Record<string, string>;
	cols: number;
	rows: number;
	sizePolicy: SizePolicy;
	/** The session's own TCP port on loopback; null without one. */
	port: number | null;
	pty: PtyDriverName;
	screen: ScreenEngineName;
	/** Inject shell integration when argv is a shell that has one. */
	shellIntegration: boolean;
	journalLimitBytes: number;
	scrollbackLines: number;
	/** Unix socket to listen on. */
	socketPath: string;
	/** Folder of this generation: journal, index, exit record. */
	generationDir: string;
	/** File of token hashes that the session's port checks against (platform/tokens-file.ts). */
	tokensFile: string;
	/** Host:port pairs and origins that may call the session's port besides its own. */
	allowedOrigins: string[];
	/** A structured agent, which has no terminal of its own: what it says is shown as text, and its messages are kept (agent-log.ts). */
	agent?: AgentSpec;
}

/** Who answers: checked against the database before a holder is trusted. */
export interface Identity {
	type: "identity";
	protocol: number;
	version: string;
	workerId: string;
	generation: number;
	nonce: string;
	/** The holder's own process id. */
	holderPid: number;
}

/** The shell's state, from its integration marks; `none` for a program without them. */
export type PromptState = "none" | "prompt" | "running";

export interface HolderStatus {
	workerId: string;
	generation: number;
	holderPid: number;
	/** Process id of the worker's process; null once it has ended. */
	pid: number | null;
	exit: Exit | null;
	title: string;
	/** Directory of the shell: from integration marks or OSC 7, else where it was started. */
	cwd: string;
	cols: number;
	rows: number;
	/** End of the output so far, and the first offset still kept. */
	offset: number;
	startOffset: number;
	viewers: number;
	writers: number;
	prompt: PromptState;
	/** Name of the foreground job; null when the worker's own process is in the foreground. */
	foreground: string | null;
	/** Unix milliseconds of the last output and of the last input. */
	lastOutputAt: number;
	lastInputAt: number;
	/** Shell that integration was injected into; null without. */
	shell: "bash" | "zsh" | "fish" | null;
	port: number | null;
	/** The last line on the screen that is not blank, cut short; absent from a holder that does not tell. */
	lastLine?: string;
	/** The name of the last input that had one (`once`); absent before the first. */
	typed?: string;
}

/** What a holder tells its subscribers without being asked. */
export type Notice =
	| { kind: "status"; status: HolderStatus }
	| { kind: "exit"; exit: Exit; offset: number; at: number }
	| { kind: "title"; title: string }
	| { kind: "cwd"; cwd: string }
	| { kind: "size"; cols: number; rows: number }
	| { kind: "viewers"; viewers: number; writers: number }
	| { kind: "bell" }
	| { kind: "prompt"; prompt: PromptState }
	| { kind: "command"; command: CommandBlock }
	/** The agent's log has this many records by now; at most a few are told a second. */
	| { kind: "agent"; records: number }
	/** OSC 9;4: what the program says of its progress. `none` takes it back; `value` is percent. */
	| { kind: "progress"; state: ProgressState; value: number | null }
	/** OSC 9 or OSC 777: something a person should see. Both texts are cut short. */
	| { kind: "notification"; title: string; body: string };

export type ProgressState = "none" | "normal" | "error" | "indeterminate" | "warning";

/** One command that a shell with integration ran. Offsets bound its output. */
export interface CommandBlock {
	command: string;
	startOffset: number;
	endOffset: number;
	exitCode: number | null;
	cwd: string;
	startedAt: number;
	durationMs: number;
}

/** Calls, each with its parameters and its result. */
export interface LinkMethods {
	status: { params: Record<string, never>; result: HolderStatus };
	screen: { params: { format: ScreenFormat }; result: ScreenView };
	output: { params: { lines?: number }; result: OutputText };
	/**
	 * `data` is base64: input is bytes, not text. `paste` types it as pasted text, which the program may have asked to be marked
	 * (DECSET 2004). `once` names it: when the last input with a name had the same one, nothing is typed again.
	 */
	input: { params: { data: string; paste?: boolean; once?: string }; result: { bytes: number } };
	/** Key names (contract/keys.ts), encoded as the program's cursor key mode wants them; all are checked before one is written. */
	keys: { params: { keys: string[] }; result: { bytes: number } };
	run: { params: RunRequest; result: RunResult };
	wait: { params: WaitRequest; result: WaitResult };
	resize: { params: { cols: number; rows: number }; result: { cols: number; rows: number } };
	signal: { params: { signal: SignalName }; result: { pgid: number } };
	/** Why the process will end soon, so that its exit record says so. */
	intent: { params: { reason: ExitReason }; result: Record<string, never> };
	commands: { params: { limit?: number }; result: { commands: CommandBlock[] } };
	/** Nobody waits any more for an earlier `wait` of this connection: that call answers at once, with status `timeout`. */
	cancel: { params: { call: number }; result: Record<string, never> };
	/**
	 * Structured agents only, else `not_an_agent`. Gives it a prompt: `agent_busy` while it works on another; the same `promptId` again
	 * is taken for the one that was given.
	 */
	agentPrompt: { params: AgentPrompt; result: Record<string, never> };
	/** Stops what it is doing; its requests for permission are cancelled. Quiet success when it does nothing. */
	agentInterrupt: { params: Record<string, never>; result: { promptId: string | null } };
	/** Ends a request for permission: `permission_not_found`, `permission_ended`. */
	agentAnswer: { params: AgentAnswer; result: Record<string, never> };
	/** Changes model or mode at once, as far as the agent takes it: `agent_refused`. */
	agentConfigure: {
		params: { model?: string; mode?: string };
		result: { model: string | null; mode: string | null };
	};
	/** Who is attached, in the order of arrival. */
	clients: { params: Record<string, never>; result: { clients: AttachedClient[] } };
}

/**
 * How a request is to end. An `optionId` of null takes the option that says just the decision, once; a request that asks questions is not
 * allowed without `answers`; the reason is told to the agent with a denial.
 */
export type AgentAnswer = Omit<EndedPermission, "state">;

export type LinkMethod = keyof LinkMethods;

export type CallerMessage =
	| { type: "identify" }
	| { type: "subscribe" }
	| ({ type: "attach" } & AttachRequest)
	| {
			[M in LinkMethod]: { type: "call"; id: number; method: M; params: LinkMethods[M]["params"] };
	  }[LinkMethod];

export type HolderMessage =
	| Identity
	| { type: "result"; id: number; result: unknown }
	| { type: "fault"; id: number; problem: Problem }
	| { type: "notice"; notice: Notice };

/** The exit record, `exit.json` in the generation's folder: written and synced before anybody is told. */
export interface ExitRecord extends Exit {
	workerId: string;
	generation: number;
	/** Unix milliseconds. */
	at: number;
	/** End of the generation's output, in bytes. */
	offset: number;
}
