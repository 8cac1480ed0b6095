import { answer, pathPart } from "../../client/client.ts";
import type { Prompt } from "../../contract/prompt.ts";
import type { Run } from "../command.ts";
import type { promptsCancel } from "../registry/prompts.ts";

export const run: Run<typeof promptsCancel> = async (cli, { flags, operands }) => {
	const [target, ...ids] = operands as [string, ...string[]];
	const api = await cli.api();
	const cancelled: Prompt[] = [];
	for (const id of ids)
		cancelled.push(
			await answer(
				api
					.target(target)
					.prompts({ id: pathPart(id) })
					.delete(),
			),
		);
	if (flags.json) cli.printJson(cancelled);
};
