/** Schemas of sessions and workers: what the API takes and what it answers. */
import { type Static, Type } from "@sinclair/typebox";
import { Agent } from "./agent.ts";
import { AgentPatch, NewAgent } from "./agent-start.ts";
import { Cols, Rows } from "./io.ts";
import { NAME_LIMIT } from "./names.ts";
import { literals, nullable } from "./schemas.ts";
import { exitReasons, workerStates } from "./state.ts";
import { sizePolicies } from "./stream.ts";
import { restartPolicies } from "./words.ts";
import { RemovedWorktree, Worktree } from "./worktree.ts";

export const Exit = Type.Object(
	{
		code: nullable(Type.Integer({ minimum: 0, maximum: 255 })),
		signal: nullable(Type.String({ examples: ["KILL"] })),
		reason: literals(exitReasons, {
			description:
				"exited: by itself; closed, killed, stopped, idle: by us; lost: nobody can know; failed: never started",
		}),
	},
	{ examples: [{ code: 0, signal: null, reason: "exited" }] },
);

const workerFields = {
	id: Type.String({ examples: ["w_8k2m4c9qzt"] }),
	sessionId: Type.String({ examples: ["s_4h8dk2m9qz"] }),
	name: Type.String({ examples: ["main"] }),
	state: literals(workerStates),
	exit: nullable(Exit),
	generation: Type.Integer({
		description: "Counts starts, from 1; offsets belong to a generation",
		examples: [1],
	}),
	pid: nullable(Type.Integer({ examples: [4711] })),
	command: Type.Array(Type.String(), { description: "argv", examples: [["/bin/bash"]] }),
	cwd: Type.String({
		description: "Where the process is now, as far as the shell tells",
		examples: ["/home/me/project"],
	}),
	title: Type.String({ examples: ["vim"] }),
	cols: Cols,
	rows: Rows,
	offset: Type.Integer({ description: "Bytes of output in this generation", examples: [18211] }),
	viewers: Type.Integer({ description: "Attached clients that only look", examples: [0] }),
	writers: Type.Integer({ description: "Attached clients that may type", examples: [0] }),
	prompt: literals(["none", "prompt", "running"] as const, {
		description: "The shell's state by its integration marks",
	}),
	foreground: nullable(
		Type.String({ description: "Name of the job in the foreground; null at the prompt", examples: ["vim"] }),
	),
	lastLine: Type.String({
		description: "The last line on the screen that is not blank, cut short",
		examples: ["ok"],
	}),
	restarts: Type.Integer({ description: "Automatic restarts in a row", examples: [0] }),
	startedAt: nullable(Type.Integer({ description: "Unix milliseconds" })),
	endedAt: nullable(Type.Integer({ description: "Unix milliseconds" })),
	/** Unix socket of the holder, for clients of the same user on this machine; null once it ended. */
	socket: nullable(Type.String({ description: "Unix socket of the holder; null when the worker has ended" })),
};

export const TerminalWorker = Type.Object({ ...workerFields, kind: Type.Literal("terminal") });
export type TerminalWorker = Static<typeof TerminalWorker>;
export const AgentWorker = Type.Object({ ...workerFields, kind: Type.Literal("agent"), agent: Agent });
export type AgentWorker = Static<typeof AgentWorker>;

/** `kind` tells which. */
export const Worker = Type.Union([TerminalWorker, AgentWorker]);
export type Worker = Static<typeof Worker>;

export { restartPolicies };

export const Session = Type.Object({
	id: Type.String({ examples: ["s_4h8dk2m9qz"] }),
	name: Type.String({ examples: ["api"] }),
	port: nullable(Type.Integer({ examples: [20000] })),
	kind: literals(["quick", "worktree"] as const),
	cwd: Type.String({ examples: ["/home/me/project"] }),
	shell: Type.String({ description: "The shell, or the first word of the command", examples: ["/bin/bash"] }),
	tags: Type.Array(Type.String(), { examples: [["work"]] }),
	createdAt: Type.Integer({ description: "Unix milliseconds" }),
	lastActiveAt: Type.Integer({ description: "Unix milliseconds of the last output, input or attach" }),
	idleTimeoutSeconds: nullable(Type.Integer({ minimum: 1, examples: [3600] })),
	restart: literals(restartPolicies, { description: "What happens when the process ends by itself" }),
	sizePolicy: literals(sizePolicies),
	viewers: Type.Integer({
		description: "Attached clients, those that type and those that only look",
		examples: [1],
	}),
	pausedAt: Type.Optional(Type.Integer({ description: "Unix milliseconds; present while it is paused" })),
	worktree: Type.Optional(Worktree),
	workers: Type.Array(Worker),
});
export type Session = Static<typeof Session>;

export const Tags = Type.Array(Type.String({ minLength: 1, maxLength: 64, pattern: "^[^\\s,]+$" }), {
	maxItems: 32,
	uniqueItems: true,
});
const environment = (description: string) =>
	Type.Record(Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }), Type.String(), {
		description,
		examples: [{ NODE_ENV: "test" }],
	});
const Env = environment("Added to the daemon's environment");
const Command = Type.Array(Type.String(), {
	minItems: 1,
	maxItems: 10_000,
	description: "argv: the program and its arguments, as they stand",
	examples: [["npm", "run", "dev"]],
});
const Cwd = Type.String({
	minLength: 1,
	description: "Absolute path, or one that starts with ~/",
	examples: ["/home/me/project"],
});
const Name = Type.String({ minLength: 1, maxLength: NAME_LIMIT, examples: ["api"] });
const IdleTimeout = nullable(
	Type.Integer({
		minimum: 1,
		maximum: 365 * 24 * 3600,
		description: "Seconds; null turns it off",
		examples: [3600],
	}),
);

export const NewSession = Type.Object(
	{
		like: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					"REF of a session to be like: what is absent here is taken from it, but for name and port. Its environment is copied, " +
					"with `env` on top, and not told",
				examples: ["api"],
			}),
		),
		name: Type.Optional(Name),
		cwd: Type.Optional(Cwd),
		shell: Type.Optional(
			Type.String({
				minLength: 1,
				description: "Path or name of a shell; not together with command",
				examples: ["zsh"],
			}),
		),
		command: Type.Optional(Command),
		agent: Type.Optional(NewAgent),
		env: Type.Optional(Env),
		baseEnv: Type.Optional(
			environment(
				"The surroundings of whoever asks, as a shell has them: below `env`, and below what an agent's definition sets",
			),
		),
		cols: Type.Optional(Cols),
		rows: Type.Optional(Rows),
		port: Type.Optional(
			nullable(
				Type.Integer({
					minimum: 1024,
					maximum: 65_535,
					description: "null: no port; absent: the next free one from 20000",
					examples: [20_007],
				}),
			),
		),
		kind: Type.Optional(
			literals(["quick", "worktree"] as const, {
				description: "worktree: in a git worktree that is made for it; needs a repository",
			}),
		),
		repository: Type.Optional(
			Type.String({
				minLength: 1,
				description: "Id, name or path of a registered repository; only with kind worktree",
				examples: ["project"],
			}),
		),
		branch: Type.Optional(
			Type.String({
				minLength: 1,
				maxLength: 200,
				description: "Branch of the worktree, made unless it is there; the session's name when absent",
				examples: ["fix"],
			}),
		),
		base: Type.Optional(
			Type.String({
				minLength: 1,
				maxLength: 200,
				description: "Where a new branch starts; what the repository has checked out when absent",
				examples: ["main"],
			}),
		),
		tags: Type.Optional(Tags),
		idleTimeoutSeconds: Type.Optional(IdleTimeout),
		restart: Type.Optional(literals(restartPolicies)),
		sizePolicy: Type.Optional(literals(sizePolicies)),
	},
	{
		additionalProperties: false,
		examples: [{ name: "api", cwd: "/home/me/project", command: ["npm", "run", "dev"], tags: ["work"] }],
	},
);
export type NewSession = Static<typeof NewSession>;

export const SessionPatch = Type.Object(
	{ name: Type.Optional(Name), tags: Type.Optional(Tags), idleTimeoutSeconds: Type.Optional(IdleTimeout) },
	{ additionalProperties: false, minProperties: 1, examples: [{ name: "api-2", tags: ["work"] }] },
);
export type SessionPatch = Static<typeof SessionPatch>;

const newWorkerFields = {
	name: Type.Optional(Name),
	cwd: Type.Optional(Cwd),
	env: Type.Optional(Env),
	cols: Type.Optional(Cols),
	rows: Type.Optional(Rows),
};

/** A terminal unless `kind` says otherwise. */
export const NewWorker = Type.Union(
	[
		Type.Object(
			{
				...newWorkerFields,
				kind: Type.Optional(Type.Literal("terminal")),
				command: Type.Optional(Command),
			},
			{ additionalProperties: false },
		),
		Type.Object(
			{ ...newWorkerFields, kind: Type.Literal("agent"), agent: NewAgent },
			{ additionalProperties: false },
		),
	],
	{ examples: [{ command: ["make", "test"] }, { kind: "agent", agent: { definition: "claude" } }] },
);
export type NewWorker = Static<typeof NewWorker>;

export const WorkerPatch = Type.Object(
	{
		name: Type.Optional(Name),
		agent: Type.Optional(AgentPatch),
		now: Type.Optional(
			Type.Boolean({
				description:
					"Change an agent's model or mode even when that interrupts it: one in its own screen is started again, in its conversation",
			}),
		),
	},
	{ additionalProperties: false, minProperties: 1, examples: [{ name: "tests" }] },
);
export type WorkerPatch = Static<typeof WorkerPatch>;

export const Closed = Type.Object({ status: Type.Literal("closed") });
export const Killed = Type.Object({ status: Type.Literal("killed") });
export const Restarted = Type.Object({
	status: Type.Literal("restarted"),
	port: nullable(Type.Integer({ examples: [20000] })),
	name: Type.String({ examples: ["api"] }),
	shell: Type.String({ examples: ["/bin/bash"] }),
	generation: Type.Integer({ examples: [2] }),
});
export type Restarted = Static<typeof Restarted>;
export const Signalled = Type.Object({
	status: Type.Literal("signalled"),
	pgid: Type.Integer({ description: "The foreground process group", examples: [4711] }),
});
export const Deleted = Type.Object({ status: Type.Literal("deleted") });
export const DeletedSession = Type.Object({
	status: Type.Literal("deleted"),
	worktree: Type.Optional(RemovedWorktree),
});
export type DeletedSession = Static<typeof DeletedSession>;
