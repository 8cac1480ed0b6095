import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { resume } from "../registry/sessions.ts";

export const run: Run<typeof resume> = (cli, { operands, flags }) =>
	forEach(
		cli,
		{
			command: "resume",
			verb: "resume",
			done: "resumed",
			candidates: async () => [],
			act: (api, ref) => answer(api.session(ref).resume.post()),
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
