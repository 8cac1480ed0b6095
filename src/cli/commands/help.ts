import type { Cli } from "../cli.ts";
import { type Run, UsageError } from "../command.ts";
import { commandHelp, familyHelp, overview } from "../help.ts";
import type { help } from "../registry/berth.ts";
import { commands, family, findCommand } from "../registry/index.ts";

export const run: Run<typeof help> = async (cli, { flags, operands }) => {
	if (flags.json) return cli.printJson(commands.filter(({ spec }) => !spec.hidden).map(({ spec }) => spec));
	showHelpAbout(cli, operands);
};

/** Of everything, of `daemon`, of `daemon start`. */
export function showHelpAbout(cli: Cli, words: readonly string[]): void {
	const name = words.join(" ");
	if (name === "")
		return cli.write(
			overview(
				commands.map(({ spec }) => spec),
				cli.style,
			),
		);
	const found = findCommand(name.split(" "));
	if (found && found.rest.length === 0) return cli.write(commandHelp(found.command.spec, cli.style));
	const below = family(name);
	if (below.length === 0) throw new UsageError(`there is no command "${name}"`);
	cli.write(
		familyHelp(
			name,
			below.map(({ spec }) => spec),
			cli.style,
		),
	);
}
