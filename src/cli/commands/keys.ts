import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { keys } from "../registry/drive.ts";

export const run: Run<typeof keys> = async (cli, { flags, operands }) => {
	const [ref, ...names] = operands as [string, ...string[]];
	const api = await cli.api();
	const result = await answer(api.target(ref).keys.post({ keys: names }));
	if (flags.json) cli.printJson(result);
};
