import { answer, pathPart } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { tokenRevoke } from "../registry/berth.ts";

export const run: Run<typeof tokenRevoke> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "token revoke",
			verb: "revoke",
			done: "revoked",
			candidates: async () => [],
			act: (api, id) => answer(api.routes.tokens({ id: pathPart(id) }).delete()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
