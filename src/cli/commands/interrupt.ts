import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { interrupt } from "../registry/prompts.ts";

export const run: Run<typeof interrupt> = async (cli, { flags, operands }) => {
	const [target] = operands as [string];
	const api = await cli.api();
	const interrupted = await answer(api.target(target).interrupt.post());
	if (flags.json) cli.printJson(interrupted);
};
