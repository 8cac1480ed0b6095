/**
 * Forms of the Agent Client Protocol (`elicitation/create`, mode `form`): a flat JSON schema of what the agent wants to know, as questions,
 * and answers as the values that it asks for. A schema's formats, lengths and patterns are the agent's to check, as it must.
 */
import type { Answers, Question, QuestionOption } from "../../../contract/question.ts";
import { type Json, jsonOf, listOf, needJson, textOf } from "../json.ts";

/** claude-agent-acp has a field for something else beside every choice; the two are one question. */
const OWN_TEXT_SUFFIX = "_custom";
/** Where claude-agent-acp keeps what the protocol has no field for. */
const OPTION_DETAILS = "_claude/askUserQuestionOption";

type Content = Record<string, string | number | boolean | string[]>;

/** A field of the form, beside the question that it is. */
interface Field {
	question: Question;
	type: unknown;
	/** The field that takes a text of one's own; null when it is this one, or none does. */
	ownTextIn: string | null;
}

export class Form {
	readonly #fields: Field[];

	/** Throws Garbled. */
	constructor(message: string, requestedSchema: unknown) {
		const { properties, required } = needJson(requestedSchema, "the schema of a form");
		const named = Object.entries(jsonOf(properties));
		const needed = new Set(Array.isArray(required) ? required : []);
		const all = named.map(([id, property]) => fieldOf(id, jsonOf(property), needed.has(id)));
		const companions = new Map(
			all
				.filter(({ question: { options, id } }) => options.length > 0 && isText(all, id + OWN_TEXT_SUFFIX))
				.map(({ question: { id } }) => [id, id + OWN_TEXT_SUFFIX]),
		);
		const merged = new Set(companions.values());
		this.#fields = all
			.filter(({ question: { id } }) => !merged.has(id))
			.map((field) => {
				const ownTextIn = companions.get(field.question.id) ?? null;
				return ownTextIn === null
					? field
					: { ...field, ownTextIn, question: { ...field.question, ownText: true } };
			});
		const [only, ...others] = this.#fields;
		if (only && others.length === 0 && only.question.text === "") only.question.text = message;
		for (const { question } of this.#fields) question.text ||= question.title || question.id;
	}

	get questions(): Question[] {
		return this.#fields.map(({ question }) => question);
	}

	/** `answers` fit the questions (contract/answers.ts). */
	content(answers: Answers): Content {
		const content: Content = {};
		for (const { question, type, ownTextIn } of this.#fields) {
			const values = answers[question.id];
			if (!values) continue;
			const chosen = values.every((value) => question.options.some(({ id }) => id === value));
			if (ownTextIn !== null && !chosen) content[ownTextIn] = values.join(", ");
			else content[question.id] = contentOf(type, values);
		}
		return content;
	}
}

function fieldOf(id: string, property: Json, required: boolean): Field {
	const { type } = property;
	const multiple = type === "array";
	const options = type === "boolean" ? yesOrNo : optionsOf(multiple ? jsonOf(property.items) : property);
	return {
		type,
		ownTextIn: null,
		question: {
			...{ id, title: textOf(property.title) ?? "", text: textOf(property.description) ?? "" },
			type: type === "number" || type === "integer" ? type : "text",
			...{ options, multiple, ownText: options.length === 0, required },
		},
	};
}

function isText(fields: readonly Field[], id: string): boolean {
	const field = fields.find(({ question }) => question.id === id);
	return field?.type === "string" && field.question.options.length === 0 && !field.question.required;
}

const yesOrNo: QuestionOption[] = [
	{ id: "true", name: "Yes", description: null, preview: null },
	{ id: "false", name: "No", description: null, preview: null },
];

/** `enum` of a schema, or `oneOf` and `anyOf` with titles. */
function optionsOf(schema: Json): QuestionOption[] {
	const titled = [...listOf(schema.oneOf), ...listOf(schema.anyOf)].flatMap((each): QuestionOption[] => {
		const id = textOf(each.const);
		if (id === null) return [];
		const details = jsonOf(jsonOf(each._meta)[OPTION_DETAILS]);
		const told = Object.keys(details).length > 0;
		const [description, preview] = [textOf(details.description), textOf(details.preview)];
		// Where the details stand apart, the title has them once more.
		return [{ id, name: told ? id : (textOf(each.title) ?? id), description, preview }];
	});
	const bare = Array.isArray(schema.enum) ? schema.enum.filter((value) => typeof value === "string") : [];
	return [...titled, ...bare.map((id) => ({ id, name: id, description: null, preview: null }))];
}

function contentOf(type: unknown, values: string[]): Content[string] {
	const [first = ""] = values;
	if (type === "array") return values;
	if (type === "boolean") return first === "true";
	return type === "number" || type === "integer" ? Number(first) : first;
}
