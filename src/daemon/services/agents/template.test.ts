import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
	fillTemplate,
	requires,
	type TemplateValues,
	takes,
	templateFault,
	templateVariables,
} from "./template.ts";

/** Texts that like to be taken for something else: shell syntax, flags, variables of the template itself, any code point. */
const nasty = fc.oneof(
	fc.string({ unit: "binary", minLength: 1 }),
	fc.string({ minLength: 1 }),
	fc.constantFrom(
		"--help",
		"-",
		"$(id)",
		"`id`",
		"'; rm -rf /; '",
		"{{cwd}}",
		"{{args}}",
		"a\nb",
		"$&",
		"$1",
		"{{x:y}}",
	),
);

describe("a command template", () => {
	test("gives any text to its argument as it stands, and no argument is added, lost or split", () => {
		fc.assert(
			fc.property(nasty, nasty, fc.array(nasty), (prompt, model, args) => {
				const template = ["agent", ["--model", "{{model}}"], "{{args}}", "--prompt={{prompt}}", "{{prompt}}"];
				expect(fillTemplate(template, { prompt, model }, args)).toEqual([
					"agent",
					"--model",
					model,
					...args,
					`--prompt=${prompt}`,
					prompt,
				]);
			}),
		);
	});

	test("leaves a group out as a whole when a variable in it is empty, and keeps the others", () => {
		const template = [
			"a",
			["--model", "{{model}}"],
			["--from={{cwd}}", "{{mode}}"],
			["--x", "{{mode:plan}}"],
			["--y"],
		];
		expect(fillTemplate(template, { cwd: "/" })).toEqual(["a", "--x", "plan", "--y"]);
		expect(fillTemplate(template, { model: "m", mode: "n", cwd: "/" })).toEqual([
			"a",
			"--model",
			"m",
			"--from=/",
			"n",
			"--x",
			"n",
			"--y",
		]);
	});

	test("takes a default where there is no value, and leaves out an argument that comes out empty", () => {
		expect(fillTemplate(["a", "{{conversation:--last}}", "{{prompt}}", ""], {})).toEqual(["a", "--last", ""]);
		expect(fillTemplate(["a", "{{conversation:--last}}"], { conversation: "c" })).toEqual(["a", "c"]);
		expect(fillTemplate(["a", "--model={{model}}"], {})).toEqual(["a", "--model="]);
		expect(fillTemplate(["a", "{{model:}}x", ["-m", "{{model:}}"]], {})).toEqual(["a", "x"]);
	});

	test("has any number of extra arguments where {{args}} stands", () => {
		expect(fillTemplate(["a", "{{args}}", "b"], {}, [])).toEqual(["a", "b"]);
		expect(fillTemplate(["a", "{{args}}", "b"], {}, ["", "x y"])).toEqual(["a", "", "x y", "b"]);
	});

	test("that asks for what there is not is refused, and says what there is", () => {
		expect(templateFault(["a", "{{modle}}"])).toContain("{{modle}}; there are prompt, promptFile");
		expect(templateFault(["a", ["{{args}}"]])).toContain("stands alone");
		expect(templateFault(["a", "x{{args}}"])).toContain("stands alone");
		expect(templateFault(["a", "{{prompt"])).toContain("{{name}}");
		expect(templateFault(["a", "{{ prompt }}"])).toContain("{{name}}");
		expect(templateFault(["{{prompt}}"])).toContain("first word");
		expect(templateFault([["a"]])).toContain("first word");
		expect(
			templateFault(["a", '{"x":{"y":1}}', "{{args}}", ...templateVariables.map((name) => `{{${name}}}`)]),
		).toBeNull();
	});

	test("every template without a fault is filled, whatever the values", () => {
		const piece = fc.oneof(
			fc.string(),
			fc.constantFrom(...templateVariables).map((name) => `{{${name}}}`),
			fc.constantFrom("{{model:x}}", "{{args}}", "{{cwd:}}"),
		);
		const argument = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(""));
		const template = fc.array(fc.oneof(argument, fc.array(argument, { minLength: 1, maxLength: 3 })));
		const values = fc.record(
			Object.fromEntries(templateVariables.map((name) => [name, fc.string()])) as Record<
				(typeof templateVariables)[number],
				fc.Arbitrary<string>
			>,
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(template, values, (rest, given: TemplateValues) => {
				const whole = ["agent", ...rest];
				if (templateFault(whole) !== null) return;
				const argv = fillTemplate(whole, given, ["x"]);
				expect(argv[0]).toBe("agent");
				expect(argv.length).toBeLessThanOrEqual(whole.flat().length);
			}),
		);
	});

	test("tells what it has a place for, and what it cannot do without", () => {
		const template = ["a", ["--resume", "{{conversation}}"], "{{prompt}}", "{{mode:x}}"];
		expect(
			["conversation", "prompt", "mode", "model"].map((name) => takes(template, name as "mode")),
		).toEqual([true, true, true, false]);
		expect(["conversation", "prompt", "mode"].map((name) => requires(template, name as "mode"))).toEqual([
			false,
			true,
			false,
		]);
	});
});
