import { answer } from "../../client/client.ts";
import { isLive } from "../../contract/state.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { rm } from "../registry/sessions.ts";

export const run: Run<typeof rm> = (cli, parsed) =>
	forEach(
		cli,
		{
			command: "rm",
			verb: "forget",
			done: "removed",
			// Ended ones only, also with --force: "rm --all --force" must not be the way to lose running work.
			candidates: async (api) => {
				const sessions = await api.listSessions(true);
				return sessions.filter(({ workers }) => !workers.some(({ state }) => isLive(state)));
			},
			act: async (api, ref) => {
				if (parsed.flags.force) await answer(api.target(ref).kill.post());
				return answer(api.target(ref).delete());
			},
		},
		parsed,
	);
