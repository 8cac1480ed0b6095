/**
 * Command templates (contract/agent.ts) into argv. A value is put where its variable stands and is not looked at again: whatever text a
 * prompt holds, it stays one argument, and nothing is ever read by a shell.
 */
import type { CommandTemplate } from "../../../contract/agent-definition.ts";
import { BerthError } from "../../../contract/errors.ts";

/** What a template may ask for. */
export const templateVariables = [
	"prompt",
	"promptFile",
	"cwd",
	"model",
	"mode",
	"conversation",
	"newConversation",
	"settings",
] as const;
export type TemplateVariable = (typeof templateVariables)[number];

/** Absent and empty are the same. */
export type TemplateValues = Partial<Record<TemplateVariable, string>>;

/**
 * Bytes of a prompt that is given as an argument. The kernel takes 128 KiB for one argument (MAX_ARG_STRLEN); the rest is room for the
 * text around it.
 */
export const PROMPT_ARGUMENT_BYTES = 120 * 1024;

/** Stands alone for the extra arguments. */
const ARGS = "{{args}}";

/** As a whole value of the environment: what wires the agent's hooks in. */
const SETTINGS = "{{settings}}";

/** `{{name}}` or `{{name:default}}`; a default ends at the first `}}`. */
const VARIABLE = /\{\{(\w+)(?::(.*?))?\}\}/gs;

interface Use {
	name: string;
	/** undefined without one. */
	fallback: string | undefined;
	/** In a group, which is left out without it. */
	grouped: boolean;
}

/** The argv of a template. */
export function fillTemplate(
	template: CommandTemplate,
	values: TemplateValues,
	args: readonly string[] = [],
): string[] {
	return template.flatMap((argument): readonly string[] => {
		if (argument === ARGS) return args;
		if (typeof argument === "string") {
			const text = fill(argument, values);
			return text === "" && argument !== "" ? [] : [text];
		}
		const given = argument
			.flatMap(usesOf)
			.every(({ name, fallback }) => valueFor(values, name, fallback) !== "");
		return given ? argument.map((text) => fill(text, values)) : [];
	});
}

/** The environment of a definition: a value that is `{{settings}}` is what that stands for, and left out without it. */
export function fillEnvironment(
	env: Readonly<Record<string, string>> = {},
	{ settings }: Pick<TemplateValues, "settings">,
): Record<string, string> {
	const entries = Object.entries(env).map(([name, value]) => [name, value === SETTINGS ? settings : value]);
	return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Whether the template has a place for it. */
export function takes(template: CommandTemplate, name: TemplateVariable): boolean {
	return allUses(template).some((use) => use.name === name);
}

export function takesArguments(template: CommandTemplate): boolean {
	return template.includes(ARGS);
}

/** Whether the template makes no sense without a value for it: it stands outside of any group and has no default. */
export function requires(template: CommandTemplate, name: TemplateVariable): boolean {
	return allUses(template).some((use) => use.name === name && !use.grouped && use.fallback === undefined);
}

/** What is wrong with a template; null when nothing is. */
export function templateFault(template: CommandTemplate): string | null {
	if (typeof template[0] !== "string" || template[0].includes("{{"))
		return "the first word of a command is its program, without variables";
	for (const argument of template) {
		if (argument === ARGS) continue;
		for (const text of [argument].flat()) {
			const stray = text.replaceAll(VARIABLE, "").indexOf("{{");
			if (stray !== -1) return `${JSON.stringify(text)}: a variable is {{name}} or {{name:default}}`;
		}
	}
	for (const { name } of allUses(template)) {
		if (name === "args") return `${ARGS} stands alone, outside of a group: it may be any number of arguments`;
		if (!(templateVariables as readonly string[]).includes(name))
			return `there is no variable {{${name}}}; there are ${templateVariables.join(", ")} and args`;
	}
	return null;
}

/** What is wrong with a line that is typed to change `name`; null when nothing is. */
export function liveFault(line: string, name: TemplateVariable): string | null {
	if (hasControls(line)) return "it is one line of text";
	const names = usesOf(line).map((use) => use.name);
	return names.length > 0 && names.every((used) => used === name)
		? null
		: `it holds {{${name}}}, and nothing else`;
}

/** The line to type. Throws `bad_request` for a value that would be more than a word of it. */
export function fillLine(line: string, name: TemplateVariable, value: string): string {
	if (hasControls(value))
		throw new BerthError("bad_request", `a ${name} holds no control characters`, { field: `agent.${name}` });
	return fill(line, { [name]: value });
}

function hasControls(text: string): boolean {
	return /\p{Cc}/u.test(text);
}

function allUses(template: CommandTemplate): Use[] {
	return template.flatMap((argument) => {
		if (argument === ARGS) return [];
		const grouped = typeof argument !== "string";
		return [argument].flat().flatMap((text) => usesOf(text).map((use) => ({ ...use, grouped })));
	});
}

function usesOf(text: string): Omit<Use, "grouped">[] {
	return [...text.matchAll(VARIABLE)].map(([, name, fallback]) => ({ name: name!, fallback }));
}

function fill(text: string, values: TemplateValues): string {
	return text.replaceAll(VARIABLE, (_, name: string, fallback?: string) => valueFor(values, name, fallback));
}

function valueFor(values: TemplateValues, name: string, fallback: string | undefined): string {
	const value = values[name as TemplateVariable];
	return value === undefined || value === "" ? (fallback ?? "") : value;
}
