import { answer, pathPart } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { permissionRulesRm } from "../registry/permissions.ts";

export const run: Run<typeof permissionRulesRm> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "permissions rules rm",
			verb: "remove",
			done: "removed",
			candidates: async () => [],
			act: (api, id) => answer(api.routes.permissions.rules({ id: pathPart(id) }).delete()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
