import type { Cli } from "../cli.ts";
import { type Run, UsageError } from "../command.ts";
import { commandHelp, familyHelp, overview } from "../help.ts";
import type { Style } from "../output/style.ts";
import type { help } from "../registry/berth.ts";
import { commands, family, findCommand } from "../registry/index.ts";

export const run: Run<typeof help> = async (cli, { flags, operands }) => {
	if (flags.json) return cli.printJson(commands.filter(({ spec }) => !spec.hidden).map(({ spec }) => spec));
	showHelpAbout(cli, operands);
};

/** Of everything, of `daemon`, of `daemon start`. */
export function showHelpAbout(cli: Cli, words: readonly string[]): void {
	cli.write(helpAbout(words, cli.style));
}

function helpAbout(words: readonly string[], style: Style): string {
	const name = words.join(" ");
	if (name === "") {
		return overview(
			commands.map(({ spec }) => spec),
			style,
		);
	}
	const found = findCommand(name.split(" "));
	if (found && found.rest.length === 0) return commandHelp(found.command.spec, style);
	const below = family(name);
	if (below.length === 0) throw new UsageError(`there is no command "${name}"`);
	return familyHelp(
		name,
		below.map(({ spec }) => spec),
		style,
	);
}
