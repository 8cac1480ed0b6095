import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { pause } from "../registry/sessions.ts";

export const run: Run<typeof pause> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "pause",
			verb: "pause",
			done: "paused",
			candidates: async () => [],
			act: (api, ref) => answer(api.session(ref).pause.post()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
