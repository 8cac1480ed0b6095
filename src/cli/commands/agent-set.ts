import { answer } from "../../client/client.ts";
import { type Run, UsageError } from "../command.ts";
import type { agentSet } from "../registry/agents.ts";
import { agentPatch } from "../text/agents.ts";

export const run: Run<typeof agentSet> = async (cli, { flags, operands }) => {
	const patch = agentPatch(flags, cli.env, "agent set");
	if (!patch) throw new UsageError("say what to change: --model, --mode, --arg or --env", "agent set");
	const api = await cli.api();
	const { sessionId, id } = await api.getAgent(operands[0]!);
	const worker = await answer(
		api.worker(sessionId, id).patch({ agent: patch, ...(flags.now ? { now: true } : {}) }),
	);
	if (flags.json) return cli.printJson(worker);
	if (worker.kind !== "agent") throw new Error(`${id} is no agent any more`);
	const { model, mode } = worker.agent;
	cli.print(`${operands[0]}: model ${model ?? "of its own choice"}, mode ${mode ?? "of its own choice"}`);
};
