import { type Run, UsageError } from "../command.ts";
import { listed } from "../parse.ts";
import type { completion } from "../registry/berth.ts";
import { shells } from "../words.ts";

export const run: Run<typeof completion> = async (cli, { flags, operands }) => {
	const shell = shells.find((each) => each === operands[0]);
	if (!shell)
		throw new UsageError(`there is completion for ${listed(shells)}, not for "${operands[0]}"`, "completion");
	const { completionScript } = await import("../completion/scripts.ts");
	const script = completionScript(shell);
	if (flags.json) cli.printJson({ shell, script });
	else cli.write(script);
};
