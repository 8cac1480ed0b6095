import { answer, pathPart } from "../../client/client.ts";
import type { Answers, Question } from "../../contract/question.ts";
import { answerRequest } from "../answer-permission.ts";
import { type Run, UsageError } from "../command.ts";
import type { permissionsAnswer } from "../registry/permissions.ts";

export const run: Run<typeof permissionsAnswer> = async (cli, { flags, operands }) => {
	const [id, ...given] = operands as [string, ...string[]];
	const api = await cli.api();
	const { questions } = await answer(api.routes.permissions({ id: pathPart(id) }).get());
	const answers = answersOf(questions, given);
	await answerRequest(cli, id, { decision: "allow", answers }, flags.json);
};

/** A single question is meant without being named. */
function answersOf(questions: readonly Question[], given: readonly string[]): Answers {
	const [only, ...others] = questions;
	if (only && others.length === 0) return { [only.id]: [...given] };
	const answers: Answers = {};
	for (const each of given) {
		const [name, value] = splitAt(each);
		const question = questions.find(({ id }) => id === name) ?? questions[Number(name) - 1];
		if (!question || value === null) {
			const ids = questions.map(({ id }, index) => (id === String(index + 1) ? id : `${index + 1} (${id})`));
			const choices = ids.length === 0 ? "it asks none" : `QUESTION is one of ${ids.join(", ")}`;
			throw new UsageError(
				`${JSON.stringify(each)} is not QUESTION=ANSWER; ${choices}`,
				"permissions answer",
			);
		}
		answers[question.id] = [...(answers[question.id] ?? []), value];
	}
	return answers;
}

function splitAt(text: string): [string, string | null] {
	const at = text.indexOf("=");
	return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}
