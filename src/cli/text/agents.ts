/** Flags about agents (registry/agent-flags.ts) as the API takes them. */
import type { AgentPatch, NewAgent } from "../../contract/agent-start.ts";
import type { AgentDriver } from "../../contract/words.ts";
import { UsageError } from "../command.ts";
import { parseEnv } from "./assignments.ts";

interface AgentFlags {
	agent: string | undefined;
	model: string | undefined;
	mode: string | undefined;
	driver: AgentDriver | undefined;
	conversation: string | undefined;
}

/** The agent that is wanted; undefined for a terminal, which the other flags make no sense for. */
export function newAgent(
	{ agent, ...how }: AgentFlags,
	{ args, prompt }: { args: string[] | null; prompt: string | undefined },
	command: string,
): NewAgent | undefined {
	const { model, mode, driver, conversation } = how;
	if (agent === undefined) {
		const alone = Object.entries({ model, mode, driver, conversation }).find(
			([, value]) => value !== undefined,
		);
		if (alone) throw new UsageError(`--${alone[0]} needs --agent`, command);
		if (prompt !== undefined)
			throw new UsageError("a prompt needs --agent; a command goes behind --", command);
		return undefined;
	}
	return {
		definition: agent,
		...(driver === undefined ? {} : { driver }),
		...(model === undefined ? {} : { model }),
		...(mode === undefined ? {} : { mode }),
		...(conversation === undefined ? {} : { conversation }),
		...(args === null ? {} : { args }),
		...(prompt === undefined ? {} : { prompt }),
	};
}

interface ConfigurationFlags {
	model: string | undefined;
	mode: string | undefined;
	arg: string[];
	env: string[];
}

/** What is to change; an empty model or mode leaves it to the agent. Undefined when nothing was given. */
export function agentPatch(
	{ model, mode, arg, env }: ConfigurationFlags,
	own: Record<string, string | undefined>,
	command: string,
): AgentPatch | undefined {
	const patch: AgentPatch = {
		...(model === undefined ? {} : { model: model || null }),
		...(mode === undefined ? {} : { mode: mode || null }),
		...(arg.length === 0 ? {} : { args: arg }),
		...(env.length === 0 ? {} : { env: parseEnv(env, own, command) }),
	};
	return Object.keys(patch).length === 0 ? undefined : patch;
}
