import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { workerRename } from "../registry/workers.ts";
import { parseWorker } from "../target.ts";

export const run: Run<typeof workerRename> = async (cli, { flags, operands }) => {
	const [target, name] = operands as [string, string];
	const { ref, worker } = parseWorker(target, "worker rename");
	const api = await cli.api();
	const renamed = await answer(api.worker(ref, worker).patch({ name }));
	if (flags.json) cli.printJson(renamed);
	else cli.print(`renamed ${target} to ${ref}/${renamed.name}`);
};
