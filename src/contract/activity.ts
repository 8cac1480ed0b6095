/** Schemas of what goes on in a session: the commands that its shell ran, who is attached, and which processes it has. */
import { type Static, Type } from "@sinclair/typebox";
import { Milliseconds } from "./schemas.ts";

export const Command = Type.Object({
	command: Type.String({ description: "As it was typed", examples: ["make test"] }),
	startOffset: Type.Integer({ description: "Offset of the output's first byte", examples: [18_211] }),
	endOffset: Type.Integer({ description: "Offset after the output's last byte", examples: [18_215] }),
	exitCode: Type.Union([Type.Integer(), Type.Null()], { examples: [0] }),
	cwd: Type.String({ description: "Where it was run", examples: ["/home/me/project"] }),
	startedAt: Milliseconds,
	durationMs: Type.Integer({ examples: [1250] }),
});

export const CommandList = Type.Object({
	generation: Type.Integer({ description: "The generation that the offsets belong to", examples: [1] }),
	commands: Type.Array(Command, { description: "Oldest first" }),
});
export type CommandList = Static<typeof CommandList>;

export const AttachedClient = Type.Object({
	id: Type.Integer({
		description: "As `hello` told the client; unique while the worker runs",
		examples: [3],
	}),
	name: Type.String({
		description: "What the client calls itself; empty when it does not",
		examples: ["browser"],
	}),
	role: Type.Union([Type.Literal("writer"), Type.Literal("viewer")]),
	cols: Type.Union([Type.Integer(), Type.Null()], {
		description: "Its window, in cells; null when it has no say in the size",
		examples: [120],
	}),
	rows: Type.Union([Type.Integer(), Type.Null()], { examples: [40] }),
	attachedAt: Milliseconds,
	latest: Type.Boolean({ description: "The client that typed, sized its window or claimed the size last" }),
});
export type AttachedClient = Static<typeof AttachedClient>;
export const AttachedClients = Type.Array(AttachedClient);

export const SessionProcess = Type.Object({
	workerId: Type.String({ examples: ["w_8k2m4c9qzt"] }),
	pid: Type.Integer({ examples: [4711] }),
	ppid: Type.Integer({ examples: [4700] }),
	name: Type.String({ description: "As the kernel keeps it, cut short", examples: ["bash"] }),
	foreground: Type.Boolean({
		description: "In the foreground of its terminal: what signals from the keyboard reach",
	}),
	stopped: Type.Boolean({ description: "Stopped by a signal or a debugger" }),
});
export type SessionProcess = Static<typeof SessionProcess>;
export const SessionProcesses = Type.Array(SessionProcess, {
	description: "Everything that close and kill would end; parents before their children",
});

export const DirectoryList = Type.Object({
	home: Type.String({ description: "What ~ stands for", examples: ["/home/me"] }),
	directory: Type.String({ description: "The directory that was looked into", examples: ["/home/me"] }),
	directories: Type.Array(Type.String(), {
		description: "Absolute paths of the directories that fit, by name; the first hundred",
		examples: [["/home/me/project"]],
	}),
});
export type DirectoryList = Static<typeof DirectoryList>;
