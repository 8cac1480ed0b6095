import { describe, expect, test } from "bun:test";
import { checkAnswers } from "../../../contract/answers.ts";
import { Form } from "./elicitation.ts";

describe("a form of the Agent Client Protocol", () => {
	test("is questions, whose answers are values of the types that it asks for", () => {
		const form = new Form("About the release", {
			type: "object",
			properties: {
				name: { type: "string", title: "Name", description: "What is it called?" },
				copies: { type: "integer", title: "Copies" },
				ratio: { type: "number" },
				public: { type: "boolean", title: "Public" },
				channel: { type: "string", enum: ["stable", "next"] },
				systems: { type: "array", items: { anyOf: [{ const: "linux", title: "Linux" }, { const: "mac" }] } },
			},
			required: ["name"],
		});
		expect(form.questions.map(({ text }) => text)).toEqual([
			...["What is it called?", "Copies", "ratio", "Public", "channel", "systems"],
		]);
		expect(form.questions.map(({ required }) => required)).toEqual([true, ...Array(5).fill(false)]);
		const given = {
			...{ name: ["Berth"], copies: ["3"], ratio: ["0.5"], public: ["yes"] },
			...{ channel: ["next"], systems: ["Linux", "mac"] },
		};
		expect(form.content(checkAnswers(form.questions, given))).toEqual({
			...{ name: "Berth", copies: 3, ratio: 0.5, public: true, channel: "next", systems: ["linux", "mac"] },
		});
	});

	test("of one field without a text of its own asks what its message says", () => {
		const form = new Form("Which one?", { properties: { which: { type: "string", title: "Which" } } });
		expect(form.questions).toMatchObject([
			{ id: "which", title: "Which", text: "Which one?", ownText: true },
		]);
	});

	test("has claude-agent-acp's field for something else with the choice that it belongs to", () => {
		const details = { description: "Fast", preview: "```\nv\n```" };
		const form = new Form("Which library?", {
			properties: {
				question_0: {
					...{ type: "string", title: "Library" },
					oneOf: [
						{
							const: "Vitest",
							title: "Vitest — Fast",
							_meta: { "_claude/askUserQuestionOption": details },
						},
						{ const: "Jest", title: "Jest" },
					],
				},
				question_0_custom: { type: "string", title: "Other" },
			},
		});
		expect(form.questions).toMatchObject([
			{
				...{ id: "question_0", text: "Which library?", ownText: true },
				options: [
					{ id: "Vitest", name: "Vitest", ...details },
					{ id: "Jest", name: "Jest", description: null },
				],
			},
		]);
		expect(form.content({ question_0: ["Jest"] })).toEqual({ question_0: "Jest" });
		expect(form.content({ question_0: ["none"] })).toEqual({ question_0_custom: "none" });
	});
});
