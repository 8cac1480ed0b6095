import type { Cli } from "../cli.ts";
import { type Run, UsageError } from "../command.ts";
import { commandHelp, familyHelp, overview } from "../help.ts";
import type { help } from "../registry/berth.ts";

export const run: Run<typeof help> = async (cli, { flags, operands }) => {
	if (flags.json) return cli.printJson(cli.catalogue.shown.map(({ spec }) => spec));
	showHelpAbout(cli, operands);
};

/** Of everything, of `daemon`, of `daemon start`. */
export function showHelpAbout(cli: Cli, words: readonly string[]): void {
	cli.write(helpAbout(cli, words));
}

function helpAbout({ catalogue, style }: Cli, words: readonly string[]): string {
	const name = words.join(" ");
	if (name === "") {
		return overview(
			catalogue.commands.map(({ spec }) => spec),
			style,
		);
	}
	const found = catalogue.find(name.split(" "));
	if (found && found.rest.length === 0) return commandHelp(found.command.spec, style);
	const below = catalogue.family(name);
	if (below.length === 0) throw new UsageError(`there is no command "${name}"`);
	return familyHelp(
		name,
		below.map(({ spec }) => spec),
		style,
	);
}
