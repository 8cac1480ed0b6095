/** Schemas of what an agent wants to know from a person, and of what is answered. */
import { type Static, Type } from "@sinclair/typebox";
import { literals, nullable } from "./schemas.ts";
import { answerTypes } from "./words.ts";

/** Characters of one answer, and answers to one question. */
const ANSWER_LIMITS = { characters: 20_000, count: 100 } as const;

export const QuestionOption = Type.Object({
	id: Type.String({ description: "What an answer names", examples: ["Vitest"] }),
	name: Type.String({ description: "What a person reads", examples: ["Vitest"] }),
	description: nullable(Type.String({ examples: ["Fast, and reads the same configuration"] })),
	preview: nullable(Type.String({ description: "What it would look like, as Markdown" })),
});
export type QuestionOption = Static<typeof QuestionOption>;

export const Question = Type.Object({
	id: Type.String({ description: "What `answers` names", examples: ["1"] }),
	title: Type.String({ description: "In a word or two; may be empty", examples: ["Library"] }),
	text: Type.String({ examples: ["Which test library should it be?"] }),
	type: literals(answerTypes, { description: "What a text of one's own must be" }),
	options: Type.Array(QuestionOption),
	multiple: Type.Boolean({ description: "Several options may be chosen" }),
	ownText: Type.Boolean({ description: "A text of one's own is taken" }),
	required: Type.Boolean({ description: "There is no answer to the others without one to this" }),
});
export type Question = Static<typeof Question>;

export const Answers = Type.Record(
	Type.String(),
	Type.Array(Type.String({ maxLength: ANSWER_LIMITS.characters }), { maxItems: ANSWER_LIMITS.count }),
	{
		description: "By the question's id: options, by id or name, or a text of one's own",
		examples: [{ "1": ["Vitest"] }],
	},
);
export type Answers = Static<typeof Answers>;
