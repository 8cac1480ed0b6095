import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { rename } from "../registry/sessions.ts";

export const run: Run<typeof rename> = async (cli, { flags, operands }) => {
	const [ref, name] = operands as [string, string];
	const api = await cli.api();
	const session = await answer(api.session(ref).patch({ name }));
	if (flags.json) cli.printJson(session);
	else cli.print(`renamed ${ref} to ${session.name}`);
};
