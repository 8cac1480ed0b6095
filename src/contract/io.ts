/** Schemas of reading and driving a terminal: input, keys, run, wait, screen, output. */
import { type Static, Type } from "@sinclair/typebox";
import { SIZE_LIMITS, WAIT_LIMITS_MS } from "./limits.ts";
import { literals } from "./schemas.ts";
import { signalNames } from "./signals.ts";
import { agentStates, type ScreenFormat, screenFormats } from "./words.ts";

export const Cols = Type.Integer({
	minimum: SIZE_LIMITS.minCols,
	maximum: SIZE_LIMITS.maxCols,
	description: "Columns, in cells",
	examples: [120],
});
export const Rows = Type.Integer({
	minimum: SIZE_LIMITS.minRows,
	maximum: SIZE_LIMITS.maxRows,
	description: "Rows, in cells",
	examples: [40],
});

export const Resize = Type.Object({ cols: Cols, rows: Rows }, { additionalProperties: false });
export type Resize = Static<typeof Resize>;

export const Signal = Type.Object(
	{
		signal: literals(signalNames, { description: "Signal name without SIG", examples: ["INT"] }),
	},
	{ additionalProperties: false },
);
export type Signal = Static<typeof Signal>;

export const InputText = Type.Object(
	{ text: Type.String({ description: "Typed as it stands", examples: ["ls -l\r"] }) },
	{ additionalProperties: false },
);
export type InputText = Static<typeof InputText>;

export const InputResult = Type.Object({
	bytes: Type.Integer({ description: "Bytes written to the terminal", examples: [6] }),
});
export type InputResult = Static<typeof InputResult>;

export const Keys = Type.Object(
	{
		keys: Type.Array(Type.String({ minLength: 1 }), {
			minItems: 1,
			maxItems: 10_000,
			description: "Key names in tmux's notation",
			examples: [["C-c", "Enter", "Up"]],
		}),
	},
	{ additionalProperties: false },
);
export type Keys = Static<typeof Keys>;

const timeoutMs = (initial: number, meaning: string) =>
	Type.Optional(
		Type.Integer({
			minimum: 0,
			maximum: WAIT_LIMITS_MS.longest,
			default: initial,
			description: `Milliseconds; ${meaning}`,
			examples: [10_000],
		}),
	);

export const RunRequest = Type.Object(
	{
		command: Type.String({
			minLength: 1,
			description: "Typed into the live shell; may span lines",
			examples: ["make test"],
		}),
		timeoutMs: timeoutMs(WAIT_LIMITS_MS.run, "0 waits as long as the command runs"),
		onTimeout: Type.Optional(
			Type.Union([Type.Literal("leave"), Type.Literal("interrupt")], {
				default: "leave",
				description: "What becomes of the command at the time-out",
			}),
		),
	},
	{ additionalProperties: false },
);
export type RunRequest = Static<typeof RunRequest>;

export const runStatuses = ["completed", "timeout", "interrupted", "exited"] as const;

export const RunResult = Type.Object({
	status: Type.Union(
		runStatuses.map((status) => Type.Literal(status)),
		{
			description:
				"completed: it ended; timeout: it still runs (onTimeout leave, or it ignored the interrupt); interrupted: it ended after SIGINT; exited: the shell itself ended",
		},
	),
	exitCode: Type.Union([Type.Integer(), Type.Null()], {
		description: "The command's exit status; null while unknown",
		examples: [0],
	}),
	output: Type.String({
		description: "What the command printed, escape sequences included, line ends as it wrote them",
		examples: ["ok\n"],
	}),
	startOffset: Type.Integer({ description: "Offset of the output's first byte" }),
	endOffset: Type.Integer({ description: "Offset after the output's last byte" }),
	truncatedBytes: Type.Integer({
		description: "Bytes at the output's start that the journal no longer keeps; 0 when the output is whole",
		examples: [0],
	}),
	durationMs: Type.Integer({ examples: [1250] }),
	cwd: Type.String({
		description: "The shell's directory after the command",
		examples: ["/home/me/project"],
	}),
});
export type RunResult = Static<typeof RunResult>;

export const WaitRequest = Type.Object(
	{
		text: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					"Text in the output since the call, control sequences left out, or on the screen. With input only what is new on the screen counts (the echo of the input does), without it what it shows already counts too",
				examples: ["ready"],
			}),
		),
		regex: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					"JavaScript regular expression over the same text (flags: m, u). A match reaches back at most 64 KiB; an expression that takes too long is refused",
				examples: ["listening on :(\\d+)"],
			}),
		),
		idleMs: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: WAIT_LIMITS_MS.longest,
				description: "Milliseconds without output",
				examples: [500],
			}),
		),
		prompt: Type.Optional(
			Type.Boolean({ description: "The shell shows its prompt; with input, the next prompt" }),
		),
		exit: Type.Optional(Type.Boolean({ description: "The process has ended" })),
		timeoutMs: timeoutMs(WAIT_LIMITS_MS.wait, "after it the answer is `timeout`; 0 waits for ever"),
		input: Type.Optional(
			Type.String({
				description: "Typed after the wait is armed, so that nothing is missed",
				examples: ["npm start\r"],
			}),
		),
	},
	{ additionalProperties: false },
);
export type WaitRequest = Static<typeof WaitRequest>;

/** What the daemon waits for besides: a holder knows no agent's state, so that the session's own port does not take it. */
export const DaemonWaitRequest = Type.Object(
	{
		...WaitRequest.properties,
		state: Type.Optional(
			Type.Array(literals(agentStates), {
				minItems: 1,
				uniqueItems: true,
				description:
					"The agent is in one of these states; with input, it has come into one since. The path then means the session's agent " +
					"(its first worker if that is one, else the only one)",
				examples: [["idle", "needs-input"]],
			}),
		),
	},
	{ additionalProperties: false },
);
export type DaemonWaitRequest = Static<typeof DaemonWaitRequest>;

export const waitStatuses = ["matched", "idle", "prompt", "exit", "state", "timeout"] as const;

export const WaitResult = Type.Object({
	status: Type.Union(
		waitStatuses.map((status) => Type.Literal(status)),
		{
			description:
				"Which condition came first; exit also when the process ended while something else was waited for",
		},
	),
	match: Type.Union([Type.String(), Type.Null()], { description: "The text that matched" }),
	groups: Type.Array(Type.Union([Type.String(), Type.Null()]), {
		description: "Capture groups of the regular expression",
	}),
	offset: Type.Integer({ description: "End of the output when the wait ended" }),
	exitCode: Type.Union([Type.Integer(), Type.Null()], { description: "Exit status, for status `exit`" }),
	state: Type.Optional(literals(agentStates, { description: "The agent's state, for status `state`" })),
});
export type WaitResult = Static<typeof WaitResult>;

export { type ScreenFormat, screenFormats };

export const Cursor = Type.Object({
	x: Type.Integer({ description: "Column from 0" }),
	y: Type.Integer({ description: "Row from 0" }),
	visible: Type.Boolean(),
});

/** The screen as facts; `rows` strings, trailing blanks trimmed. */
export const ScreenFacts = Type.Object({
	cols: Cols,
	rows: Rows,
	cursor: Cursor,
	title: Type.String({ examples: ["vim README.md"] }),
	alternate: Type.Boolean({ description: "The alternate screen is shown" }),
	offset: Type.Integer({ description: "The output offset that this screen shows" }),
	lines: Type.Array(Type.String(), { description: "One string per row, trailing blanks left out" }),
});
export type ScreenFacts = Static<typeof ScreenFacts>;

/** The holder's answer: facts always, and the rendering that was asked for (`text`, `ansi`, `html`). */
export interface ScreenView extends ScreenFacts {
	rendering: string | null;
}

export const OutputText = Type.Object({
	text: Type.String({ description: "The last lines as rendered text, scrollback included" }),
	lines: Type.Integer({ description: "Lines in `text`" }),
	/** Lines that scrollback no longer holds are in the journal. */
	complete: Type.Boolean({
		description: "False when older lines exist that were not asked for or are no longer rendered",
	}),
	offset: Type.Integer(),
});
export type OutputText = Static<typeof OutputText>;
