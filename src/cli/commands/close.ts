import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { close } from "../registry/sessions.ts";

export const run: Run<typeof close> = (cli, parsed) =>
	forEach(
		cli,
		{
			command: "close",
			verb: "close",
			done: "closed",
			candidates: (api) => api.listSessions(false),
			act: (api, ref) => answer(api.target(ref).close.post()),
		},
		parsed,
	);
