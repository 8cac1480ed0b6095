/**
 * What may stand where the cursor is. One implementation for all shells: their scripts only ask and show (scripts.ts), so completion knows
 * every command and flag that the parser knows, and the sessions as they are now.
 */
import type { Catalogue } from "../catalogue.ts";
import type { CommandSpec, Completes, FlagSpec } from "../command-spec.ts";
import { commonFlags } from "../parse.ts";

/** `description` may be empty. */
export interface Candidate {
	value: string;
	description: string;
}

/** The shell completes files, directories or commands better than we do. */
export type ByShell = "files" | "directories" | "commands";

export type Completion = { candidates: Candidate[] } | { byShell: ByShell };

/** Looks things up that only the daemon knows; an empty list when it does not run. */
export type LookUp = (what: Completes) => Promise<Candidate[]>;

const nothing: Completion = { candidates: [] };

/** `words` are those after `berth` up to the cursor; the last one is being typed and may be empty. */
export async function complete(
	catalogue: Catalogue,
	words: readonly string[],
	lookUp: LookUp,
): Promise<Completion> {
	const current = words.at(-1) ?? "";
	const before = words.slice(0, -1);
	const found = catalogue.find(before);
	if (!found) return starting(commandWords(catalogue, before), current);
	const { spec } = found.command;
	// A command of its own follows: its completion is the shell's affair.
	if (found.rest.includes("--")) return spec.argv ? { byShell: "commands" } : nothing;
	const flags: Readonly<Record<string, FlagSpec>> = { ...spec.flags, ...commonFlags };

	const equals = /^--([^=]+)=(.*)$/s.exec(current);
	if (equals) {
		const [, name, value] = equals as unknown as [string, string, string];
		const flag = flags[name];
		if (!flag || flag.kind === "boolean") return nothing;
		const completion = await ofFlag(flag, value, lookUp);
		if ("byShell" in completion) return completion;
		return {
			candidates: completion.candidates.map((each) => ({ ...each, value: `--${name}=${each.value}` })),
		};
	}
	const waiting = flagThatWaits(flags, found.rest);
	if (waiting) return ofFlag(waiting, current, lookUp);
	if (current.startsWith("-")) return starting(flagWords(flags, spec), current);
	const operands = operandCount(flags, found.rest);
	if (operands >= spec.operands.max)
		return starting(spec.argv ? [{ value: "--", description: "the command" }] : [], current);
	const kind = spec.completes?.[Math.min(operands, spec.completes.length - 1)];
	return kind === undefined ? nothing : ofKind(kind, current, lookUp);
}

function commandWords(catalogue: Catalogue, before: readonly string[]): Candidate[] {
	if (before.length > 0) {
		const prefix = before.join(" ");
		return catalogue.nextWords(prefix).map((value) => ({
			value,
			description: catalogue.find([...before, value])?.command.spec.summary ?? "",
		}));
	}
	const words = new Map<string, string>();
	for (const { spec } of catalogue.shown) {
		const [first] = spec.name.split(" ");
		if (!words.has(first!)) words.set(first!, spec.name === first ? spec.summary : "");
	}
	return [...words].map(([value, description]) => ({ value, description }));
}

function flagWords(flags: Readonly<Record<string, FlagSpec>>, spec: CommandSpec): Candidate[] {
	const words = Object.entries(flags).map(([name, flag]) => ({
		value: `--${name}`,
		description: flag.summary,
	}));
	return spec.argv ? [...words, { value: "--", description: "the command follows" }] : words;
}

/** The flag whose value the current word is: the word before it is a flag that takes one. */
function flagThatWaits(flags: Readonly<Record<string, FlagSpec>>, rest: readonly string[]): FlagSpec | null {
	const last = rest.at(-1);
	if (last === undefined || !last.startsWith("-") || last.includes("=")) return null;
	const flag = last.startsWith("--")
		? flags[last.slice(2)]
		: Object.values(flags).find(({ short }) => short !== undefined && short === last.at(-1));
	return flag && flag.kind !== "boolean" ? flag : null;
}

function operandCount(flags: Readonly<Record<string, FlagSpec>>, rest: readonly string[]): number {
	let count = 0;
	for (const [index, word] of rest.entries()) {
		if (word.startsWith("-") && word !== "-") continue;
		if (flagThatWaits(flags, rest.slice(0, index)) === null) count++;
	}
	return count;
}

async function ofFlag(flag: FlagSpec, current: string, lookUp: LookUp): Promise<Completion> {
	if (flag.choices)
		return starting(
			flag.choices.map((value) => ({ value, description: "" })),
			current,
		);
	return flag.completes === undefined ? nothing : ofKind(flag.completes, current, lookUp);
}

async function ofKind(kind: Completes, current: string, lookUp: LookUp): Promise<Completion> {
	if (kind === "file") return { byShell: "files" };
	if (kind === "directory") return { byShell: "directories" };
	return starting(await lookUp(kind), current);
}

function starting(candidates: readonly Candidate[], current: string): Completion {
	return { candidates: candidates.filter(({ value }) => value.startsWith(current)) };
}
