import type { OutputText } from "../../contract/io.ts";
import type { Run } from "../command.ts";
import type { output } from "../registry/read.ts";

/** Lines when nobody says how many: a few screens. */
const DEFAULT_LINES = 100;

export const run: Run<typeof output> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const lines = flags.lines ?? DEFAULT_LINES;
	const result = await api.json<OutputText>(`${api.targetPath(operands[0]!)}/output?lines=${lines}`);
	if (flags.json) return cli.printJson(result);
	if (result.text !== "") cli.write(result.text.endsWith("\n") ? result.text : `${result.text}\n`);
};
