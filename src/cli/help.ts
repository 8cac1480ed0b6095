/** Help texts, made from the registry. */
import type { CommandSpec, FlagSpec } from "./command-spec.ts";
import type { Style } from "./output/style.ts";
import { commonFlags } from "./parse.ts";

const groups: readonly (readonly [CommandSpec["group"], string])[] = [
	["sessions", "Sessions"],
	["drive", "Work in them"],
	["read", "Look at them"],
	["berth", "Berth itself"],
];

/** Widest line of running text, in cells: wider lines are hard to read. */
const TEXT_WIDTH = 90;

export function overview(specs: readonly CommandSpec[], style: Style): string {
	const shown = specs.filter((spec) => !spec.hidden);
	const rows = (group: CommandSpec["group"]) => shortNames(shown.filter((spec) => spec.group === group));
	const widest = Math.max(...groups.flatMap(([group]) => rows(group).map(([name]) => name.length)));
	const lines = [
		`${style.bold("berth")} keeps terminals running, so that you, your scripts and your agents can come back to them.`,
		"",
		style.bold("Start here"),
		...aligned(
			[
				["berth new demo", "a shell that outlives this terminal; Ctrl-\\ leaves it"],
				["berth ls", "what runs"],
				["berth attach demo", "back in, from any terminal"],
				["berth run demo 'make test'", "run something in it, with its true exit status"],
				["berth close demo", "end it and everything it started"],
			],
			style.cyan,
		),
	];
	for (const [group, title] of groups) {
		lines.push("", style.bold(title));
		for (const [name, summary] of rows(group)) lines.push(`  ${style.cyan(name.padEnd(widest))}  ${summary}`);
	}
	lines.push(
		"",
		"REF is a session's name, its id, the start of its id, or its port; REF/WORKER is one of its workers.",
		"Every command takes --json (the API's own shape) and --help (with examples).",
	);
	return `${lines.join("\n")}\n`;
}

/** All of `daemon start`, `daemon stop`, … takes one line in the overview. */
function shortNames(specs: readonly CommandSpec[]): [string, string][] {
	const rows = new Map<string, string>();
	for (const { name, summary } of specs) {
		const first = name.split(" ")[0]!;
		if (first === name) rows.set(name, summary);
		else if (!rows.has(first)) {
			const below = new Set(
				specs.filter((spec) => spec.name.startsWith(`${first} `)).map((spec) => spec.name.split(" ")[1]),
			);
			rows.set(first, `${[...below].join(", ")}: ${familySummaries[first] ?? summary}`);
		}
	}
	return [...rows];
}

const familySummaries: Record<string, string> = {
	daemon: "the daemon, which sessions outlive",
	worker: "the terminals and agents of a session",
	agent: "coding agents that can be started in sessions",
	repo: "git repositories that worktree sessions are made from",
	permissions: "what agents ask to be allowed",
	token: "tokens for scripts, agents and other machines",
};

export function commandHelp(spec: CommandSpec, style: Style): string {
	const lines = [spec.summary, "", style.bold("Usage"), ...spec.usage.map((usage) => `  berth ${usage}`)];
	if (spec.about) lines.push("", ...wrapText(spec.about, TEXT_WIDTH));
	if (spec.examples.length > 0) {
		lines.push("", style.bold("Examples"));
		for (const [what, typed] of spec.examples) {
			if (what !== "") lines.push(style.dim(`  # ${what}`));
			lines.push(`  ${style.cyan(typed)}`);
		}
	}
	lines.push("", style.bold("Flags"));
	const flags = Object.entries({ ...spec.flags, ...commonFlags } as Record<string, FlagSpec>);
	lines.push(
		...aligned(
			flags.map(([name, flag]) => [flagSyntax(name, flag), flag.summary] as const),
			style.cyan,
		),
	);
	if (spec.alias) lines.push("", `Also: berth ${spec.alias}`);
	return `${lines.join("\n")}\n`;
}

/** What `berth daemon` alone prints. */
export function familyHelp(word: string, specs: readonly CommandSpec[], style: Style): string {
	const rows = specs.map((spec) => [`berth ${spec.usage[0]}`, spec.summary] as const);
	return `${[familySummaries[word.split(" ")[0]!] ?? "", "", ...aligned(rows, style.cyan)].join("\n")}\n`;
}

function flagSyntax(name: string, flag: FlagSpec): string {
	const short = flag.short ? `-${flag.short}, ` : "    ";
	return `${short}--${name}${flag.kind === "boolean" ? "" : ` ${flag.value ?? "VALUE"}`}`;
}

function aligned(rows: readonly (readonly [string, string])[], paint: (text: string) => string): string[] {
	const widest = Math.max(...rows.map(([left]) => left.length));
	return rows.map(([left, right]) => `  ${paint(left)}${" ".repeat(widest - left.length)}  ${right}`);
}

function wrapText(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return line === "" ? lines : [...lines, line];
}
