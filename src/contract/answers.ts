/** Whether answers fit the questions that an agent asks. Apart from the schemas: a holder, which decides it as well, loads no TypeBox. */
import { BerthError } from "./errors.ts";
import type { Answers, Question } from "./question.ts";

/**
 * The answers with each option by its id, and without those that are empty. Throws `bad_request` for what fits no question, for a
 * question that is left out though it must not be, and when nothing is answered.
 */
export function checkAnswers(questions: readonly Question[], given: Answers): Answers {
	for (const id of Object.keys(given)) {
		if (questions.some((question) => question.id === id)) continue;
		throw unfit(`there is no question ${JSON.stringify(id)}; there are ${ids(questions)}`);
	}
	const answers: Answers = {};
	for (const question of questions) {
		const values = (given[question.id] ?? []).map((value) => value.trim()).filter((value) => value !== "");
		if (values.length > 0) answers[question.id] = checked(question, values);
		else if (question.required) throw unfit(`${named(question)} is not answered`);
	}
	if (Object.keys(answers).length === 0) throw unfit(`nothing is answered; there are ${ids(questions)}`);
	return answers;
}

function checked(question: Question, values: readonly string[]): string[] {
	const { options, multiple, ownText } = question;
	if (values.length > 1 && !multiple) throw unfit(`${named(question)} takes one answer`);
	return values.map((value) => {
		const option =
			options.find(({ id }) => id === value) ?? options.find(({ name }) => sameName(name, value));
		if (option) return option.id;
		if (!ownText) {
			const choices = options.map(({ name }) => name).join(", ");
			throw unfit(`${named(question)} has no option ${JSON.stringify(value)}; it has ${choices}`);
		}
		if (!fits[question.type](value)) throw unfit(`${named(question)} takes ${wanted[question.type]}`);
		return value;
	});
}

const fits: Record<Question["type"], (value: string) => boolean> = {
	text: () => true,
	number: (value) => Number.isFinite(Number(value)),
	integer: (value) => Number.isSafeInteger(Number(value)),
};
const wanted: Record<Question["type"], string> = {
	text: "text",
	number: "a number",
	integer: "a whole number",
};

function sameName(name: string, value: string): boolean {
	return name.toLowerCase() === value.toLowerCase();
}

function named({ id, text }: Question): string {
	return `the question ${id} (${text})`;
}

function ids(questions: readonly Question[]): string {
	return questions.map(({ id }) => id).join(", ");
}

function unfit(detail: string): BerthError {
	return new BerthError("bad_request", detail, { field: "answers" });
}
