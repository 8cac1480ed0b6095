/** Sessions and what their agents need, put together in the one order that misses nothing: subscribed, taken up, looked at. */
import { Agents } from "./agents/agents.ts";
import { AgentDefinitions } from "./agents/definitions.ts";
import type { ControlContext } from "./control-context.ts";
import { KeyedLock } from "./keyed-lock.ts";
import type { Reconciled } from "./reconcile.ts";
import { Sessions } from "./sessions.ts";

export interface ControlPlane {
	sessions: Sessions;
	agents: Agents;
	definitions: AgentDefinitions;
	/** Takes up what an earlier daemon left. Call once, before the first request is served. */
	start(): Promise<Reconciled>;
	/** Lets go of everything; holders and their processes carry on. */
	stop(): Promise<void>;
}

export function createControlPlane(around: Omit<ControlContext, "definitions" | "typing">): ControlPlane {
	const { paths, env, store } = around;
	const definitions = new AgentDefinitions({ folder: paths.agentsFolder, env, store });
	const context: ControlContext = { ...around, definitions, typing: new KeyedLock() };
	const sessions = new Sessions(context);
	const agents = new Agents(context, sessions.supervisor);
	return {
		sessions,
		agents,
		definitions,
		async start() {
			const counts = await sessions.start();
			agents.start();
			return counts;
		},
		async stop() {
			agents.stop();
			await sessions.stop();
		},
	};
}
