import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { workerAdd } from "../registry/workers.ts";
import { newAgent } from "../text/agents.ts";
import { parseEnv, parseSize } from "../text/assignments.ts";

export const run: Run<typeof workerAdd> = async (cli, { flags, operands, argv }) => {
	const [ref, name, prompt] = operands as [string, string?, string?];
	const agent = newAgent(flags, { args: argv, prompt }, "worker add");
	const env = parseEnv(flags.env, cli.env, "worker add");
	const api = await cli.api();
	const worker = await answer(
		api.session(ref).workers.post({
			...(name === undefined ? {} : { name }),
			...(agent ? { kind: "agent" as const, agent } : argv ? { command: argv } : {}),
			...(flags.cwd === undefined ? {} : { cwd: resolve(cli.cwd, flags.cwd) }),
			...(flags.env.length === 0 ? {} : { env }),
			...(flags.size === undefined ? {} : parseSize(flags.size, "worker add")),
		}),
	);
	if (flags.json) cli.printJson(worker);
	else cli.print(`${ref}/${worker.name}`);
};
