/** What a person has chosen and written so far, of the questions that an agent asks. */
import type { Answers, Permission, Question } from "../types.ts";

/** By the question's id. A text of one's own takes the place of an option where one answer is wanted, and the other way round. */
export type Draft = Readonly<Record<string, { chosen: readonly string[]; own: string }>>;

const empty = { chosen: [], own: "" };

/** What was answered. */
export function draftOf({ questions, answers }: Permission): Draft {
	return Object.fromEntries(
		questions.map(({ id, options }) => {
			const given = answers?.[id] ?? [];
			const chosen = given.filter((value) => options.some((option) => option.id === value));
			const own = given.filter((value) => !chosen.includes(value)).join(", ");
			return [id, { chosen, own }];
		}),
	);
}

export function choose(draft: Draft, { id, multiple }: Question, option: string): Draft {
	const { chosen, own } = draft[id] ?? empty;
	if (!multiple) return { ...draft, [id]: { chosen: [option], own: "" } };
	const others = chosen.filter((each) => each !== option);
	return { ...draft, [id]: { chosen: chosen.includes(option) ? others : [...chosen, option], own } };
}

export function write(draft: Draft, { id, multiple }: Question, own: string): Draft {
	const { chosen } = draft[id] ?? empty;
	return { ...draft, [id]: { chosen: multiple || own.trim() === "" ? chosen : [], own } };
}

export function answersIn(questions: readonly Question[], draft: Draft): Answers {
	return Object.fromEntries(
		questions.flatMap(({ id }) => {
			const { chosen, own } = draft[id] ?? empty;
			const values = own.trim() === "" ? [...chosen] : [...chosen, own.trim()];
			return values.length === 0 ? [] : [[id, values]];
		}),
	);
}

/** Something is answered, and all that must be. */
export function isComplete(questions: readonly Question[], draft: Draft): boolean {
	const answers = answersIn(questions, draft);
	return Object.keys(answers).length > 0 && questions.every(({ id, required }) => !required || id in answers);
}
