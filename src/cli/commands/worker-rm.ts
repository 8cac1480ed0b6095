import { answer } from "../../client/client.ts";
import { forEach } from "../bulk.ts";
import type { Run } from "../command.ts";
import type { workerRm } from "../registry/workers.ts";
import { parseWorker } from "../target.ts";

export const run: Run<typeof workerRm> = async (cli, { operands, flags }) => {
	// All are read before one is removed: a session among them is a slip, and removing half of a line would hide it.
	for (const operand of operands) parseWorker(operand, "worker rm");
	return forEach(
		cli,
		{
			command: "worker rm",
			verb: "forget",
			done: "removed",
			candidates: async () => [],
			act: async (api, target) => {
				const { ref, worker } = parseWorker(target, "worker rm");
				if (flags.force) await answer(api.worker(ref, worker).kill.post());
				return answer(api.worker(ref, worker).delete());
			},
		},
		{ operands, flags: { ...flags, all: false, yes: false } },
	);
};
