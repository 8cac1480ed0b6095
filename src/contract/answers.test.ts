import { describe, expect, test } from "bun:test";
import { checkAnswers } from "./answers.ts";
import { BerthError } from "./errors.ts";
import type { Answers, Question } from "./question.ts";

const option = (id: string, name = id) => ({ id, name, description: null, preview: null });
const question = (more: Partial<Question>): Question => ({
	...{ id: "1", title: "", text: "Which?", type: "text", options: [], multiple: false, ownText: true },
	...{ required: true, ...more },
});
const library = question({ options: [option("v", "Vitest"), option("Jest")] });
const refusal = (questions: Question[], answers: Answers): string => {
	try {
		checkAnswers(questions, answers);
	} catch (error) {
		if (error instanceof BerthError && error.code === "bad_request") return error.message;
		throw error;
	}
	return "";
};

describe("answers to questions", () => {
	test("name an option by its id or its name, or are a text of one's own", () => {
		expect(checkAnswers([library], { "1": ["v"] })).toEqual({ "1": ["v"] });
		expect(checkAnswers([library], { "1": [" vitest "] })).toEqual({ "1": ["v"] });
		expect(checkAnswers([library], { "1": ["the built-in one"] })).toEqual({ "1": ["the built-in one"] });
	});

	test("where no text of one's own is taken, must be an option", () => {
		const strict = { ...library, ownText: false };
		expect(refusal([strict], { "1": ["mocha"] })).toContain("it has Vitest, Jest");
	});

	test("are several only where several may be chosen", () => {
		expect(refusal([library], { "1": ["v", "Jest"] })).toContain("takes one answer");
		const several = { ...library, multiple: true };
		expect(checkAnswers([several], { "1": ["Jest", "Vitest"] })).toEqual({ "1": ["Jest", "v"] });
	});

	test("are of the type that is asked for", () => {
		const count = question({ type: "integer" });
		expect(checkAnswers([count], { "1": ["42"] })).toEqual({ "1": ["42"] });
		expect(refusal([count], { "1": ["4.2"] })).toContain("a whole number");
		expect(refusal([question({ type: "number" })], { "1": ["many"] })).toContain("a number");
	});

	test("leave out only what may be left out, and are not all left out", () => {
		const optional = question({ id: "2", required: false });
		expect(checkAnswers([library, optional], { "1": ["v"], "2": ["  "] })).toEqual({ "1": ["v"] });
		expect(refusal([library, optional], { "2": ["yes"] })).toContain(
			"the question 1 (Which?) is not answered",
		);
		expect(refusal([optional], {})).toContain("nothing is answered");
	});

	test("fit a question that was asked", () => {
		expect(refusal([library], { "1": ["v"], "7": ["yes"] })).toContain('no question "7"');
	});
});
