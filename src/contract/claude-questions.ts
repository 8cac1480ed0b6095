/**
 * The tool with which Claude Code asks a person (`AskUserQuestion`): its questions as Berth's, and answers as it takes them. Looked up in
 * @anthropic-ai/claude-agent-sdk 0.3.185 and tried with Claude Code 2.1.197: a call is allowed with `answers` added to its input, an
 * object from each question's text to the label that was chosen, several joined by `, `, or a text of one's own.
 */
import type { Answers, Question, QuestionOption } from "./question.ts";

export const QUESTION_TOOL = "AskUserQuestion";

/** Nothing for any other tool, and for a call that asks nothing readable. */
export function claudeQuestions(tool: string, input: unknown): Question[] {
	if (tool !== QUESTION_TOOL) return [];
	return recordsIn(fieldsOf(input).questions).flatMap((asked, index): Question[] => {
		const text = textOf(asked.question);
		if (text === null) return [];
		return [
			{
				...{ id: String(index + 1), title: textOf(asked.header) ?? "", text, type: "text" },
				options: recordsIn(asked.options).flatMap(optionOf),
				multiple: asked.multiSelect === true,
				// Its own dialogue has a field for something else beside every question.
				...{ ownText: true, required: true },
			},
		];
	});
}

/** What `answers` of the tool's input is to be. */
export function claudeAnswers(questions: readonly Question[], answers: Answers): Record<string, string> {
	return Object.fromEntries(questions.map(({ id, text }) => [text, (answers[id] ?? []).join(", ")]));
}

function optionOf({ label, description, preview }: Record<string, unknown>): QuestionOption[] {
	const name = textOf(label);
	if (name === null) return [];
	return [{ id: name, name, description: textOf(description), preview: textOf(preview) }];
}

function fieldsOf(value: unknown): Record<string, unknown> {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function recordsIn(value: unknown): Record<string, unknown>[] {
	return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function textOf(value: unknown): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}
