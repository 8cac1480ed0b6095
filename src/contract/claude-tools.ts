/**
 * What Claude Code's tools do, by their names and inputs: the same for its stream and for its hooks. A tool that is not known here (an
 * MCP server's, a newer version's) is `other`, and its subject is what its input most likely acts upon.
 */
import { claudeQuestions } from "./claude-questions.ts";
import type { ToolKind } from "./words.ts";

interface Tool {
	kind: ToolKind;
	/** Field of the input that says what it acts upon. */
	subject: string;
	/** `Run` in "Run `npm test`". */
	verb: string;
}

const tools: Readonly<Record<string, Tool>> = {
	Bash: { kind: "execute", subject: "command", verb: "Run" },
	Read: { kind: "read", subject: "file_path", verb: "Read" },
	Edit: { kind: "edit", subject: "file_path", verb: "Edit" },
	MultiEdit: { kind: "edit", subject: "file_path", verb: "Edit" },
	Write: { kind: "edit", subject: "file_path", verb: "Write" },
	NotebookEdit: { kind: "edit", subject: "notebook_path", verb: "Edit" },
	Glob: { kind: "search", subject: "pattern", verb: "Find" },
	Grep: { kind: "search", subject: "pattern", verb: "Search for" },
	LS: { kind: "read", subject: "path", verb: "List" },
	WebFetch: { kind: "fetch", subject: "url", verb: "Fetch" },
	WebSearch: { kind: "fetch", subject: "query", verb: "Search the web for" },
	Agent: { kind: "think", subject: "description", verb: "Start an agent:" },
	Task: { kind: "think", subject: "description", verb: "Start an agent:" },
	ExitPlanMode: { kind: "switch_mode", subject: "", verb: "Go on with the plan" },
};

/** Fields that usually say what a tool acts upon, the likeliest first. */
const LIKELY = ["command", "file_path", "notebook_path", "path", "url", "query", "pattern"];

/** Characters of a subject that a title quotes. */
const TITLE_LIMIT = 120;

/** What a call is about: its kind, a line for people, and what rules of permission look at. */
export interface ToolCall {
	kind: ToolKind;
	title: string;
	/** The whole command, path or address; empty when there is none. */
	subject: string;
}

export function claudeToolCall(name: string, input: unknown): ToolCall {
	const [question, ...more] = claudeQuestions(name, input);
	if (question) {
		const title = more.length === 0 ? question.text : `${question.text} (and ${more.length} more)`;
		return { kind: "other", subject: "", title };
	}
	const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
	const known = Object.hasOwn(tools, name) ? tools[name] : undefined;
	const subject = (known ? [known.subject] : LIKELY).map((field) => fields[field]).find(isText) ?? "";
	const verb = known?.verb ?? name;
	return {
		kind: known?.kind ?? "other",
		subject,
		title: subject === "" ? verb : `${verb} ${quoted(subject)}`,
	};
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

/** The first line, cut short, as Markdown would quote it. */
function quoted(subject: string): string {
	const line = subject.split("\n", 1)[0]!;
	const cut = line.length > TITLE_LIMIT ? line.slice(0, TITLE_LIMIT) : line;
	return `\`${cut}${cut.length < subject.length ? "…" : ""}\``;
}
