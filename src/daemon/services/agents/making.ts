/** A planned worker becomes one: what is stored of it, and the files that its command names. */
import { dirname } from "node:path";
import { ensurePrivateDir, writeFileAtomic } from "../../../platform/files.ts";
import { createAgent } from "../../../store/agents.ts";
import { createPrompt } from "../../../store/prompts.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import type { Change } from "../../../store/store.ts";
import { createWorker } from "../../../store/workers.ts";
import type { AgentPlan } from "./planning.ts";
import { newPrompt } from "./prompts.ts";

/** `plan` is what an agent has besides; null for a terminal. */
export function storeWorker(change: Change, worker: WorkerRow, plan: AgentPlan | null): void {
	createWorker(change, worker);
	if (!plan) return;
	createAgent(change, plan.agent);
	if (plan.prompt !== null) createPrompt(change, newPrompt(worker, plan.prompt, change.at));
}

/** They lie in the worker's folder and go with it. */
export function writeFiles(plan: AgentPlan | null): void {
	for (const { path, content } of plan?.files ?? []) {
		ensurePrivateDir(dirname(path));
		writeFileAtomic(path, content);
	}
}
