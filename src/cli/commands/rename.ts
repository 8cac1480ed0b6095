import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { rename } from "../registry/sessions.ts";
import { parseTarget } from "../target.ts";

export const run: Run<typeof rename> = async (cli, { flags, operands }) => {
	const [target, name] = operands as [string, string];
	const { ref, worker } = parseTarget(target);
	const api = await cli.api();
	const renamed =
		worker === null
			? await answer(api.session(ref).patch({ name }))
			: await answer(api.worker(ref, worker).patch({ name }));
	if (flags.json) cli.printJson(renamed);
	else cli.print(`renamed ${target} to ${worker === null ? renamed.name : `${ref}/${renamed.name}`}`);
};
