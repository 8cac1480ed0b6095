import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { restart } from "../registry/sessions.ts";
import { agentPatch } from "../text/agents.ts";

export const run: Run<typeof restart> = (cli, { operands, flags }) => {
	const agent = agentPatch(flags, cli.env, "restart");
	const options = { ...(agent ? { agent } : {}), ...(flags.fresh ? { fresh: true } : {}) };
	return forEach(
		cli,
		{
			command: "restart",
			verb: "restart",
			done: "restarted",
			candidates: (api) => api.listSessions(true),
			act: (api, ref) => answer(api.target(ref).restart.post(options)),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
};
