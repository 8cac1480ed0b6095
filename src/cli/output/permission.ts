/** What an agent asks to be allowed, readably: the command, or what would change in which file. */
import { diffLines } from "../../contract/line-diff.ts";
import type { Permission } from "../../contract/permission.ts";
import type { Answers, Question } from "../../contract/question.ts";
import { changesOf } from "../../contract/tool-changes.ts";
import { visible } from "../../contract/visible.ts";
import type { Style } from "./style.ts";

export function callLines(
	{ kind, subject, input, tool, questions, answers }: Permission,
	style: Style,
): string[] {
	if (kind === "execute" && subject !== "") {
		const [first, ...rest] = visible(subject).split("\n");
		return [
			`${style.dim("$")} ${style.bold(first!)}`,
			...rest.map((line) => `  ${style.bold(line)}`),
			...described(input),
		];
	}
	if (questions.length > 0)
		return questions.flatMap((question, index) => questionLines(question, index, answers, style));
	const changes = changesOf(input);
	if (changes.length > 0) return changes.flatMap((change) => changeLines(change, style));
	return [style.bold(tool), ...visible(JSON.stringify(input, null, 2) ?? "").split("\n")];
}

function changeLines(
	{ path, oldText, newText }: { path: string; oldText: string | null; newText: string },
	style: Style,
): string[] {
	const paint = { "+": style.green, "-": style.red, " ": style.dim };
	const lines = diffLines(oldText, newText).map(({ sign, text }) => paint[sign](`${sign} ${visible(text)}`));
	return [style.bold(oldText === null ? `${visible(path)} (the whole file)` : visible(path)), ...lines];
}

/** `1  Which library?`, below it the options; when it has been answered, which of them. */
function questionLines(question: Question, index: number, answers: Answers | null, style: Style): string[] {
	const { id, title, text, options, multiple, ownText, required } = question;
	const given = answers?.[id];
	const about = [title, required ? "" : "may be left out"].filter((part) => part !== "").join(", ");
	const head = `${style.cyan(String(index + 1))}  ${style.bold(visible(text))}${about === "" ? "" : style.dim(`  (${visible(about)})`)}`;
	const marks = multiple ? ["[x]", "[ ]"] : ["(x)", "( )"];
	const lines = options.flatMap(({ id: option, name, description, preview }) => [
		`   ${given?.includes(option) ? marks[0] : marks[1]} ${visible(name)}${description === null ? "" : style.dim(`  ${visible(description)}`)}`,
		...(preview === null
			? []
			: visible(preview)
					.split("\n")
					.map((line) => style.dim(`         ${line}`))),
	]);
	const own = given?.filter((value) => !options.some((option) => option.id === value)) ?? [];
	if (own.length > 0) lines.push(...own.map((value) => `   (x) ${visible(value)}`));
	else if (ownText && answers === null)
		lines.push(style.dim(`   or ${question.type === "text" ? "a text of your own" : "a number"}`));
	return [...(index === 0 ? [] : [""]), head, ...lines];
}

/** What the agent says the command is for. */
function described(input: unknown): string[] {
	const description =
		typeof input === "object" && input !== null
			? (input as { description?: unknown }).description
			: undefined;
	return typeof description === "string" && description !== "" ? ["", visible(description)] : [];
}

/** `allowed by a rule`, `denied: nobody answered in time`: how a request ended; how it waits. */
export function outcomeText({ state, decision, answers, by, reason }: Permission): string {
	if (state === "pending") return "waits";
	const said = decision === "deny" ? "denied" : answers === null ? "allowed" : "answered";
	if (state === "answered") return by === "rule" ? `${said} by a rule` : said;
	return `${state}${reason === null ? "" : `: ${visible(reason)}`}`;
}

export function outcomeColour({ state, decision }: Permission, style: Style): (text: string) => string {
	if (state === "pending") return style.yellow;
	return decision === "allow" ? style.green : style.red;
}
