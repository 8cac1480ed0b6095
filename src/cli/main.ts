/** The command line: picks the command, parses, runs it, and turns whatever went wrong into one line and an exit status. */
import { BerthError } from "../contract/errors.ts";
import { Catalogue } from "./catalogue.ts";
import { Cli, type Env } from "./cli.ts";
import { EXIT, UsageError } from "./command.ts";
import { OutputClosed, writeAll } from "./output/out.ts";
import { parseCommand } from "./parse.ts";
import { commands } from "./registry/index.ts";
import { nearest } from "./text/nearest.ts";

const catalogue = new Catalogue(commands);

/** Runs one command line and ends the process. */
export async function runCli(words: string[]): Promise<never> {
	process.exit(await statusOf(words, process.env));
}

async function statusOf(words: string[], env: Env): Promise<number> {
	// Problems of a caller that asked for JSON are JSON too; "--" ends berth's own flags.
	const end = words.indexOf("--");
	const json = (end === -1 ? words : words.slice(0, end)).includes("--json");
	try {
		const status = await dispatch(words, new Cli(env, currentDirectory(env), catalogue));
		return status ?? 0;
	} catch (error) {
		try {
			return report(error, json);
		} catch (second) {
			if (second instanceof OutputClosed) return EXIT.brokenPipe;
			throw second;
		}
	}
}

// biome-ignore lint/suspicious/noConfusingVoidType: a command that returns nothing has status 0
async function dispatch(words: string[], cli: Cli): Promise<number | void> {
	const [first] = words;
	if (first === undefined || first === "--help" || first === "-h") return showHelp(cli, []);
	if (first === "--version" || first === "-V" || first === "-v") {
		return dispatch(["version", ...words.slice(1)], cli);
	}
	const found = catalogue.find(words);
	if (!found) return notFound(first, words, cli);
	const { spec, load } = found.command;
	const parsed = parseCommand(spec, found.rest);
	if ((parsed.flags as { help?: boolean }).help) return showHelp(cli, [spec.name]);
	const run = await load();
	return run(cli, parsed);
}

async function showHelp(cli: Cli, about: string[]): Promise<void> {
	const { showHelpAbout } = await import("./commands/help.ts");
	showHelpAbout(cli, about);
}

async function notFound(first: string, words: string[], cli: Cli): Promise<void> {
	if (catalogue.family(first).length > 0) {
		// The longest beginning of a command's name that was given; what follows it is wrong, or missing.
		const second = words[1];
		const known =
			second !== undefined && catalogue.family(`${first} ${second}`).length > 0 ? [first, second] : [first];
		const next = words[known.length];
		if (next === undefined || next === "--help" || next === "-h") return showHelp(cli, known);
		const names = catalogue.nextWords(known.join(" "));
		const close = nearest(next, names);
		throw new UsageError(
			`there is no "berth ${known.join(" ")} ${next}"; ${close ? `did you mean ${close}?` : `there are ${names.join(", ")}`}`,
		);
	}
	if (first.startsWith("-")) throw new UsageError(`unknown flag ${first}; the command comes first`);
	const close = nearest(first, catalogue.typedWords());
	throw new UsageError(`there is no command "${first}"${close ? `; did you mean ${close}?` : ""}`);
}

function report(error: unknown, json: boolean): number {
	if (error instanceof OutputClosed) return EXIT.brokenPipe;
	if (error instanceof UsageError) {
		const where = error.command === null ? "berth --help" : `berth ${error.command} --help`;
		writeAll(2, `berth: ${error.message} (see ${where})\n`);
		return EXIT.usage;
	}
	const known = BerthError.from(error);
	if (json) writeAll(2, `${JSON.stringify(known.toProblem())}\n`);
	else writeAll(2, `berth: ${oneLine(known.message)}\n`);
	if (process.env.BERTH_DEBUG && error instanceof Error) writeAll(2, `${error.stack}\n`);
	return EXIT.failure;
}

function oneLine(text: string): string {
	return text.replaceAll(/\s*\n\s*/g, "; ");
}

/** A shell's directory may have been removed under it; what does not need a directory still works then. */
function currentDirectory(env: Env): string {
	try {
		return process.cwd();
	} catch {
		// ENOENT: the shell's own idea of it gives the daemon a path to complain about.
		return env.PWD ?? "/";
	}
}
