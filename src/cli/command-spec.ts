/** A command as data: what parsing, help, usage errors and completion are made from. */

/** What a flag's value or an operand stands for; completion offers it. */
export type Completes =
	| "session"
	| "live-session"
	| "ended-session"
	| "paused-session"
	/** Sessions, and REF/WORKER of those that have several workers. */
	| "terminal"
	| "live-terminal"
	/** REF/WORKER only. */
	| "worker"
	| "file"
	| "directory"
	| "signal"
	| "key"
	| "command"
	| "shell"
	| "event-type"
	| "token"
	| "repository"
	/** Id of a definition. */
	| "agent"
	| "permission"
	| "pending-permission"
	| "permission-rule"
	| "rule-decision"
	/** Something that only the user knows. */
	| "text"
	/** Id of a prompt that has not ended. */
	| "prompt"
	| "tag";

export interface FlagSpec {
	/** `duration` is given as 10s, 500ms, 2m, 1h and arrives in milliseconds; `list` may be repeated, or separated by commas if it has choices. */
	kind: "boolean" | "string" | "integer" | "duration" | "list";
	short?: string;
	/** Name of the value in help: `--name NAME`. */
	value?: string;
	summary: string;
	choices?: readonly string[];
	completes?: Completes;
}

export interface CommandSpec {
	/** One word, or two, or three: `daemon start`, `permissions rules add`. */
	name: string;
	alias?: string;
	group: "sessions" | "drive" | "read" | "berth";
	summary: string;
	/** Each line without the leading `berth`. */
	usage: readonly string[];
	/** Paragraphs below the summary: what somebody has to know to use it right. */
	about?: string;
	/** Pairs of what it does and how it is typed. */
	examples: readonly (readonly [string, string])[];
	flags: Readonly<Record<string, FlagSpec>>;
	/** How many operands before `--`. */
	operands: { min: number; max: number };
	/** What each operand stands for; the last one repeats. */
	completes?: readonly Completes[];
	/** Whether argv after `--` is taken, must be there, or is just more operands. */
	argv?: "optional" | "required";
	hidden?: boolean;
}

type ValueOf<F extends FlagSpec> = F["kind"] extends "boolean"
	? boolean
	: F["kind"] extends "integer" | "duration"
		? number | undefined
		: F["kind"] extends "list"
			? F["choices"] extends readonly string[]
				? F["choices"][number][]
				: string[]
			: F["choices"] extends readonly string[]
				? F["choices"][number] | undefined
				: string | undefined;

/** What parsing hands to the command: its flags by name, its operands, and argv after `--` as it was given. */
export interface Parsed<C extends CommandSpec = CommandSpec> {
	flags: { [K in keyof C["flags"]]: ValueOf<C["flags"][K]> } & { json: boolean };
	operands: string[];
	/** null when there was no `--`. */
	argv: string[] | null;
}

export function defineCommand<const C extends CommandSpec>(spec: C): C {
	return spec;
}
