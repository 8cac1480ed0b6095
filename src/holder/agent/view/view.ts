/**
 * The conversation as a terminal shows it, below it the line for the next prompt. Long lines are left to the terminal to wrap, so that
 * they flow anew when it is resized and are copied whole. Nothing is ever drawn over but the prompt's own row: what was said scrolls up
 * and stays, in the journal as on the screen.
 */
import type { EndedPermission } from "../../../contract/agent-log.ts";
import type { ItemBody, Part, ToolPart } from "../../../contract/conversation.ts";
import { diffLines } from "../../../contract/line-diff.ts";
import type { Question } from "../../../contract/question.ts";
import type { PtyOptions } from "../../pty/driver.ts";
import type { Request } from "../request.ts";
import { Editor, type EditorAction } from "./editor.ts";
import { bold, clean, cyan, dim, firstLines, green, red, yellow } from "./style.ts";

/** Milliseconds that output is collected, so that a word is not a write of its own. */
const COLLECT_MS = 8;

/** Lines shown of a tool's output, of a change, and of what permission is asked for; the log has all of it. */
const OUTPUT_LINES = 8;
const DIFF_LINES = 40;
const SUBJECT_LINES = 12;
/** Characters shown of one such line. */
const LINE_WIDTH = 500;

const PROMPT = "❯ ";
const PROMPT_CELLS = 2;

type Body<T extends ItemBody["type"]> = Extract<ItemBody, { type: T }>;
type Role = Body<"message">["role"];

export interface ViewOptions {
	cols: number;
	onData: PtyOptions["onData"];
	/** A prompt was typed, or an interrupt. */
	onAction: (action: EditorAction) => void;
}

export class AgentView {
	readonly #options: ViewOptions;
	readonly #editor = new Editor();
	#cols: number;
	#queue = "";
	#timer: Timer | null = null;
	/** The role whose text stands in an unfinished message. */
	#open: Role | null = null;
	/** The cursor is where a line begins. */
	#atStart = true;
	/** Cells before the cursor in the prompt's row; null while it is not there. */
	#drawn: number | null = null;
	/** The tool call that was told last, with nothing after it. */
	#lastTool: string | null = null;
	readonly #finished = new Set<string>();
	#closed = false;

	constructor(options: ViewOptions) {
		this.#options = options;
		this.#cols = options.cols;
		// Bracketed paste: a pasted text is not sent line by line.
		this.#print("\x1b[?2004h");
	}

	input(bytes: Uint8Array): void {
		if (this.#closed) return;
		for (const action of this.#editor.feed(bytes)) this.#options.onAction(action);
		this.#print("");
		this.flush();
	}

	/** What was typed could not be sent: it stands in the row again. */
	refuse(text: string, why: string): void {
		this.#editor.restore(text);
		this.line(dim(`(${clean(why)})`));
	}

	resize(cols: number): void {
		const before = this.#drawn;
		this.flush();
		if (before !== null) {
			// The terminal has wrapped the row if it no longer fits: its first line is above the cursor.
			const above = Math.floor(before / cols);
			this.#emit(`${above > 0 ? `\x1b[${above}A` : ""}\r\x1b[J`);
			this.#drawn = null;
		}
		this.#cols = cols;
		this.#print("");
	}

	message(role: Role, parts: readonly Part[]): void {
		if (this.#open !== role) {
			this.endMessage();
			this.#gap();
			this.#open = role;
			if (role === "user") {
				this.#print(cyan(bold(PROMPT)));
				this.#atStart = false;
			}
		}
		for (const part of parts) {
			if (part.type === "text") this.#text(role, clean(part.text));
			else
				this.#text(role, part.type === "image" ? `[image ${part.image.mediaType}]` : `[${clean(part.uri)}]`);
		}
	}

	endMessage(): void {
		if (this.#open === null) return;
		this.#open = null;
		this.#lineStart();
	}

	tool(body: Body<"tool">): void {
		const { call, title, name, status } = body;
		if (this.#finished.has(call)) return;
		const ended = status === "completed" || status === "failed";
		if (this.#lastTool !== call) {
			if (this.#lastTool === null) this.#gap();
			const mark = status === "failed" ? red("✗") : ended ? green("✓") : yellow("●");
			this.line(`${mark} ${bold(clean(firstLine(title || name || "tool")))}`);
		} else if (status === "failed") this.line(red("  ✗ failed"));
		if (ended) {
			this.#finished.add(call);
			for (const part of body.output) this.#toolPart(part);
		}
		this.#lastTool = call;
	}

	plan(entries: Body<"plan">["entries"]): void {
		this.#gap();
		const marks = { completed: green("✓"), in_progress: yellow("▸"), pending: dim("·") };
		for (const { content, status } of entries) {
			const text = clean(firstLine(content));
			this.line(`${marks[status]} ${status === "completed" ? dim(text) : text}`);
		}
	}

	notice(level: Body<"notice">["level"], text: string): void {
		this.#gap();
		const paint = { info: dim, warning: yellow, error: red }[level];
		for (const line of firstLines(text, OUTPUT_LINES, LINE_WIDTH)) this.line(paint(line));
	}

	/** What the agent wrote on its standard error. */
	complaint(text: string): void {
		const line = clean(text);
		if (line.trim() !== "") this.line(dim(line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}…` : line));
	}

	permission(id: string, { title, subject, tool, questions = [] }: Request): void {
		this.#gap();
		// The bell: somebody is needed.
		this.line(`\x07${yellow("▲")} ${bold(clean(firstLine(title || tool)))}`);
		if (subject !== "" && !title.includes(subject))
			for (const line of firstLines(subject, SUBJECT_LINES, LINE_WIDTH)) this.line(`  ${line}`);
		for (const question of questions) this.#question(question, title);
		const yes = questions.length > 0 ? `berth permissions answer ${id} …` : `berth permissions allow ${id}`;
		this.line(`  ${cyan(yes)}${dim(" · ")}${cyan(`berth permissions deny ${id}`)}`);
	}

	#question({ text, options, multiple }: Question, title: string): void {
		if (text !== title)
			for (const line of firstLines(text, SUBJECT_LINES, LINE_WIDTH)) this.line(`  ${line}`);
		for (const { name, description } of options) {
			const why = description === null ? "" : dim(` ${clean(firstLine(description))}`);
			this.line(`  ${dim(multiple ? "☐" : "○")} ${clean(firstLine(name))}${why}`);
		}
	}

	permissionEnded(id: string, { state, decision, answers, reason }: Omit<EndedPermission, "id">): void {
		const mark =
			decision === "allow"
				? green(answers ? "✓ answered" : "✓ allowed")
				: red(state === "answered" ? "✗ denied" : `✗ ${state}`);
		this.line(`  ${mark}${dim(` ${id}${reason ? `: ${clean(firstLine(reason))}` : ""}`)}`);
	}

	turn({ state, stopReason, durationMs }: Body<"turn">): void {
		this.#finished.clear();
		this.#gap();
		const seconds = durationMs === null ? "" : ` after ${(durationMs / 1000).toFixed(1)} s`;
		const why = stopReason !== null && stopReason !== "end_turn" ? `: ${clean(firstLine(stopReason))}` : "";
		const paint = state === "failed" ? red : dim;
		this.line(paint(`── ${state}${seconds}${why}`));
	}

	/** A title for the terminal's window. */
	title(text: string): void {
		this.#print(`\x1b]2;${clean(firstLine(text))}\x07`);
	}

	/** A line of its own. */
	line(text: string): void {
		this.endMessage();
		this.#lineStart();
		this.#print(`${text}\r\n`);
		this.#lastTool = null;
	}

	/** The agent has ended; the prompt's row goes, and nothing is shown any more. */
	close(): void {
		if (this.#closed) return;
		this.endMessage();
		this.#closed = true;
		this.#print("\x1b[?2004l");
		this.flush();
	}

	/** Everything is shown. */
	flush(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		const text = this.#queue;
		this.#queue = "";
		const erased = this.#drawn === null ? "" : "\r\x1b[K";
		this.#drawn = null;
		this.#emit(erased + text + this.#row());
	}

	#toolPart(part: ToolPart): void {
		if (part.type === "diff") {
			this.line(dim(`  ${clean(part.path)}`));
			const lines = diffLines(part.oldText, part.newText);
			const paint = { " ": dim, "-": red, "+": green };
			for (const { sign, text } of lines.slice(0, DIFF_LINES))
				this.line(paint[sign](`  ${sign} ${clean(text).slice(0, LINE_WIDTH)}`));
			if (lines.length > DIFF_LINES) this.line(dim(`  … ${lines.length - DIFF_LINES} more lines`));
		} else if (part.type === "text") {
			if (part.text.trim() === "") return;
			for (const line of firstLines(part.text, OUTPUT_LINES, LINE_WIDTH)) this.line(dim(`  ${line}`));
		} else
			this.line(dim(part.type === "image" ? `  [image ${part.image.mediaType}]` : `  [${clean(part.uri)}]`));
	}

	#text(role: Role, text: string): void {
		if (text === "") return;
		const lines = text.replaceAll("\n", "\r\n");
		this.#print(role === "thought" ? dim(lines) : role === "user" ? bold(lines) : lines);
		this.#atStart = text.endsWith("\n");
		this.#lastTool = null;
	}

	#lineStart(): void {
		if (!this.#atStart) this.#print("\r\n");
		this.#atStart = true;
	}

	/** An empty line between what does not belong together. */
	#gap(): void {
		this.endMessage();
		this.#lineStart();
		this.#print("\r\n");
	}

	#print(text: string): void {
		this.#queue += text;
		this.#timer ??= setTimeout(() => this.flush(), COLLECT_MS);
	}

	/** The prompt's row, where there is room for it. */
	#row(): string {
		if (this.#closed || !this.#atStart || this.#open !== null) return "";
		const row = this.#editor.row(this.#cols - PROMPT_CELLS);
		this.#drawn = PROMPT_CELLS + row.cursor;
		const back = row.width - row.cursor;
		return `${dim(PROMPT)}${clean(row.text)}${back > 0 ? `\x1b[${back}D` : ""}`;
	}

	#emit(text: string): void {
		if (text !== "") this.#options.onData(Buffer.from(text));
	}
}

function firstLine(text: string): string {
	return text.split("\n", 1)[0]!.slice(0, LINE_WIDTH);
}
