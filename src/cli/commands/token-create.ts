import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { tokenCreate } from "../registry/berth.ts";

export const run: Run<typeof tokenCreate> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const { scope, session, expires } = flags;
	const created = await answer(
		api.routes.tokens.post({
			...(operands[0] === undefined ? {} : { label: operands[0] }),
			...(flags.label === undefined ? {} : { label: flags.label }),
			...(scope === undefined ? {} : { scope }),
			...(session === undefined ? {} : { session }),
			...(expires === undefined ? {} : { expiresInSeconds: Math.max(1, Math.round(expires / 1000)) }),
		}),
	);
	if (flags.json) return cli.printJson(created);
	cli.print(created.token);
	if (cli.stdoutIsTerminal)
		cli.note(`berth: keep it safe, it is not shown again; berth token revoke ${created.id} revokes it`);
};
