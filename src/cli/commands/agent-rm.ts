import { answer, pathPart } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { agentRm } from "../registry/agents.ts";

export const run: Run<typeof agentRm> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "agent rm",
			verb: "remove",
			done: "removed",
			candidates: async () => [],
			act: (api, id) => answer(api.routes.agents({ id: pathPart(id) }).delete()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
