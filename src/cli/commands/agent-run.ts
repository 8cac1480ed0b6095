import { resolve } from "node:path";
import { answer, pathPart } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { agentRun } from "../registry/agents.ts";
import { run as exec } from "./exec.ts";

/** The daemon makes argv of the prompt; it then runs as any command does. */
export const run: Run<typeof agentRun> = async (cli, { flags, operands, argv }) => {
	const [id, prompt] = operands as [string, string];
	const { model, mode, env, ...rest } = flags;
	const api = await cli.api();
	const { command, env: own } = await answer(
		api.routes.agents({ id: pathPart(id) }).headless.post({
			prompt,
			cwd: resolve(cli.cwd, flags.cwd ?? "."),
			...(model === undefined ? {} : { model }),
			...(mode === undefined ? {} : { mode }),
			...(argv === null ? {} : { args: argv }),
		}),
	);
	const added = Object.entries(own).map(([name, value]) => `${name}=${value}`);
	return exec(cli, {
		flags: { ...rest, name: undefined, env: [...added, ...env] },
		operands: [],
		argv: command,
	});
};
