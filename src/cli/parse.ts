/** Words of the command line into flags and operands, as POSIX and GNU conventions have it: -abc, --flag value, --flag=value, --. */
import { UsageError } from "./command.ts";
import type { CommandSpec, FlagSpec, Parsed } from "./command-spec.ts";
import { nearest } from "./text/nearest.ts";
import { parseDuration } from "./text/time.ts";

/** Flags that every command takes. */
export const commonFlags = {
	json: { kind: "boolean", summary: "Print the API's own JSON" },
	help: { kind: "boolean", short: "h", summary: "Show this help" },
} as const satisfies Record<string, FlagSpec>;

type Values = Record<string, string | number | boolean | string[] | undefined>;

export function parseCommand<C extends CommandSpec>(spec: C, words: readonly string[]): Parsed<C> {
	const flags: Readonly<Record<string, FlagSpec>> = { ...spec.flags, ...commonFlags };
	const values: Values = {};
	for (const [name, flag] of Object.entries(flags)) {
		if (flag.kind === "boolean") values[name] = false;
		else if (flag.kind === "list") values[name] = [];
	}
	const end = words.indexOf("--");
	const before = end === -1 ? words : words.slice(0, end);
	let argv = end === -1 ? null : words.slice(end + 1);

	const operands: string[] = [];
	for (let at = 0; at < before.length; at++) {
		const word = before[at]!;
		// A lone "-" is an operand: standard input, by convention.
		if (word === "-" || !word.startsWith("-")) {
			operands.push(word);
			continue;
		}
		const next = () => {
			at++;
			return before[at];
		};
		if (word.startsWith("--")) readLong(spec, flags, values, word.slice(2), next);
		else readShort(spec, flags, values, word.slice(1), next);
	}
	if (argv !== null && spec.argv === undefined) {
		operands.push(...argv);
		argv = null;
	}
	checkCounts(spec, operands, argv, values.help === true);
	return { flags: values, operands, argv } as Parsed<C>;
}

function readLong(
	spec: CommandSpec,
	flags: Readonly<Record<string, FlagSpec>>,
	values: Values,
	word: string,
	next: () => string | undefined,
): void {
	const equals = word.indexOf("=");
	const name = equals === -1 ? word : word.slice(0, equals);
	const flag = flags[name];
	if (!flag) {
		const close = nearest(name, Object.keys(flags));
		const hint = close
			? `did you mean --${close}?`
			: spec.argv
				? "a command's own flags go after --"
				: "text that starts with - goes after --";
		throw new UsageError(`unknown flag --${name}; ${hint}`, spec.name);
	}
	const given = equals === -1 ? undefined : word.slice(equals + 1);
	if (flag.kind === "boolean") {
		if (given !== undefined) throw new UsageError(`--${name} takes no value`, spec.name);
		values[name] = true;
		return;
	}
	assign(spec, values, name, flag, `--${name}`, given ?? next());
}

function readShort(
	spec: CommandSpec,
	flags: Readonly<Record<string, FlagSpec>>,
	values: Values,
	cluster: string,
	next: () => string | undefined,
): void {
	for (let at = 0; at < cluster.length; at++) {
		const letter = cluster[at]!;
		const found = Object.entries(flags).find(([, flag]) => flag.short === letter);
		if (!found) {
			const hint = spec.argv ? "a command's own flags go after --" : "text that starts with - goes after --";
			throw new UsageError(`unknown flag -${letter}; ${hint}`, spec.name);
		}
		const [name, flag] = found;
		if (flag.kind === "boolean") {
			values[name] = true;
			continue;
		}
		const attached = cluster.slice(at + 1);
		assign(spec, values, name, flag, `-${letter}`, attached === "" ? next() : attached);
		return;
	}
}

function assign(
	spec: CommandSpec,
	values: Values,
	name: string,
	flag: FlagSpec,
	shown: string,
	text: string | undefined,
): void {
	const fail: (why: string) => never = (why) => {
		throw new UsageError(`${shown} ${why}`, spec.name);
	};
	if (text === undefined) fail(`needs a value: ${shown} ${flag.value ?? "VALUE"}`);
	const words = flag.choices && flag.kind === "list" ? text.split(",") : [text];
	for (const word of words) {
		if (flag.choices && !flag.choices.includes(word)) fail(`must be ${listed(flag.choices)}, not "${word}"`);
	}
	if (flag.kind === "integer") {
		if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
			fail(`must be a whole number, not "${text}"`);
		values[name] = Number(text);
	} else if (flag.kind === "duration") {
		const ms = parseDuration(text);
		values[name] = ms ?? fail(`must be a time such as 500ms, 10s, 5m or 2h, not "${text}"`);
	} else if (flag.kind === "list") {
		(values[name] as string[]).push(...words);
	} else values[name] = text;
}

function checkCounts(
	spec: CommandSpec,
	operands: readonly string[],
	argv: readonly string[] | null,
	help: boolean,
): void {
	if (help) return;
	const { min, max } = spec.operands;
	if (operands.length < min) {
		throw new UsageError(`something is missing: berth ${spec.usage[0]}`, spec.name);
	}
	if (operands.length > max) {
		const extra = JSON.stringify(operands[max]);
		const hint = spec.argv
			? "put a command behind --, and text into quotes"
			: "put text that holds blanks into quotes";
		throw new UsageError(`${extra} is one word too many; ${hint}`, spec.name);
	}
	if (spec.argv === "required" && (argv === null || argv.length === 0)) {
		throw new UsageError(`the command is missing: berth ${spec.usage[0]}`, spec.name);
	}
	if (spec.argv === "optional" && argv !== null && argv.length === 0) {
		throw new UsageError("there is nothing after --", spec.name);
	}
}

/** "a, b or c". */
export function listed(words: readonly string[]): string {
	return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
