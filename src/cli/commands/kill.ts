import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { kill } from "../registry/sessions.ts";

export const run: Run<typeof kill> = (cli, parsed) =>
	forEach(
		cli,
		{
			command: "kill",
			verb: "kill",
			done: "killed",
			candidates: (api) => api.listSessions(false),
			act: (api, ref) => answer(api.target(ref).kill.post()),
		},
		parsed,
	);
