import { describe, expect, test } from "bun:test";
import type { Permission, Question } from "../types.ts";
import { answersIn, choose, draftOf, isComplete, write } from "./question.ts";

const option = (id: string) => ({ id, name: id, description: null, preview: null });
const one: Question = {
	...{ id: "1", title: "", text: "Which?", type: "text", options: [option("a"), option("b")] },
	...{ multiple: false, ownText: true, required: true },
};
const several: Question = { ...one, id: "2", multiple: true, required: false };
const questions = [one, several];

describe("a draft of answers", () => {
	test("has one answer where one is wanted: the option or the text that came last", () => {
		const chosen = choose(choose({}, one, "a"), one, "b");
		expect(answersIn(questions, chosen)).toEqual({ "1": ["b"] });
		const written = write(chosen, one, " mine ");
		expect(answersIn(questions, written)).toEqual({ "1": ["mine"] });
		expect(answersIn(questions, choose(written, one, "a"))).toEqual({ "1": ["a"] });
	});

	test("has several where several may be chosen, each taken back by choosing it again", () => {
		const both = write(choose(choose({}, several, "a"), several, "b"), several, "mine");
		expect(answersIn(questions, both)).toEqual({ "2": ["a", "b", "mine"] });
		expect(answersIn(questions, choose(both, several, "a"))).toEqual({ "2": ["b", "mine"] });
	});

	test("is complete with something answered, and all that must be", () => {
		expect(isComplete(questions, {})).toBe(false);
		expect(isComplete(questions, choose({}, several, "a"))).toBe(false);
		expect(isComplete(questions, choose({}, one, "a"))).toBe(true);
		expect(isComplete([several], write({}, several, "  "))).toBe(false);
	});

	test("is read back from what was answered", () => {
		const permission = { questions, answers: { "1": ["mine"], "2": ["b"] } } as unknown as Permission;
		expect(answersIn(questions, draftOf(permission))).toEqual({ "1": ["mine"], "2": ["b"] });
	});
});
