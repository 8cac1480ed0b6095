import { answer, pathPart } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { repoRm } from "../registry/repositories.ts";

export const run: Run<typeof repoRm> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "repo rm",
			verb: "forget",
			done: "removed",
			candidates: async () => [],
			act: (api, name) => answer(api.routes.repos({ id: pathPart(name) }).delete()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
