/**
 * How an agent is going to be started: its definition and what was asked for, made into argv and environment. Everything that can be
 * wrong is found here, before anything is stored, started or ended. Nothing in here waits.
 */
import { join } from "node:path";
import type { AgentManifest, CommandTemplate } from "../../../contract/agent-definition.ts";
import type { AgentPatch, NewAgent, RestartOptions } from "../../../contract/agent-start.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { AgentDriver } from "../../../contract/words.ts";
import { generationDir } from "../../../platform/paths.ts";
import { type AgentChange, agentOf } from "../../../store/agents.ts";
import type { AgentRow, SessionRow, WorkerRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";
import type { RestartPlan } from "../worker-start.ts";
import { checkPlaces, checkStartable, commandsOf, continuing } from "./commands.ts";
import { newConversation } from "./new-conversation.ts";
import {
	fillEnvironment,
	fillTemplate,
	PROMPT_ARGUMENT_BYTES,
	requires,
	type TemplateValues,
	takes,
} from "./template.ts";
import { hookSettings } from "./wiring/wiring.ts";

/** In the folder of the generation that it is the first prompt of. */
const PROMPT_FILE = "prompt.md";

/** A file that must be there when the process starts; 0600. */
export interface AgentFile {
	path: string;
	content: string;
}

export interface AgentPlan {
	command: string[];
	/** What the worker's environment has besides the daemon's: the caller's surroundings, the definition's, then what was added. */
	env: Record<string, string>;
	agent: AgentRow;
	/** The first prompt when the command does not hold it: it is to be queued. */
	prompt: string | null;
	files: AgentFile[];
}

export interface AgentPlace {
	workerId: string;
	cwd: string;
	/** The surroundings of whoever made the session. */
	baseEnv: Record<string, string>;
	/** What was added for every worker of the session; absent when that is what is added here. */
	sessionEnv?: Record<string, string>;
	/** What whoever starts it adds. */
	added: Record<string, string>;
}

/** Throws `agent_not_found`, `agent_not_installed`, or `bad_request` for what the definition has no place for. */
export function planAgent(context: ControlContext, asked: NewAgent, place: AgentPlace): AgentPlan {
	const { manifest } = context.definitions.find(asked.definition);
	const driver = asked.driver ?? manifest.driver;
	const commands = commandsOf(manifest, driver);
	const { args = [], model, mode, conversation, prompt } = asked;
	const template = conversation === undefined ? commands.start : continuing(manifest, driver, conversation);
	checkPlaces(manifest, driver, template, { args, model, mode });
	const given = promptPlaces(template, prompt, promptFile(context, place.workerId, 1));
	const here = hereOf(context, manifest, driver, { ...place, generation: 1 });
	const command = fillTemplate(template, { ...here, ...given.values, model, mode, conversation }, args);
	const env = {
		...place.baseEnv,
		...fillEnvironment(manifest.env, here),
		...place.sessionEnv,
		...place.added,
	};
	checkStartable(context, manifest, command, place.cwd, env);
	const at = context.now();
	const choices = (ids: readonly string[] = []) => ids.map((id) => ({ id, name: id }));
	const agent: AgentRow = {
		workerId: place.workerId,
		definition: manifest.id,
		driver,
		...{ model: model ?? null, mode: mode ?? null },
		...{ chosenModel: model ?? null, chosenMode: mode ?? null },
		args,
		env: place.added,
		models: choices(manifest.models),
		modes: choices(manifest.modes),
		// Nothing but text can be typed.
		images: driver !== "pty" && (manifest.capabilities?.images ?? false),
		conversation: conversation ?? null,
		status: { state: "starting", since: at, evidence: { kind: "process", rule: "started", text: null, at } },
		logGeneration: 0,
		logOffset: 0,
		logRecords: 0,
		items: 0,
	};
	return { command, env, agent, prompt: given.queued, files: given.files };
}

/** The next start of an agent that has been started before: what was overridden is merged in, and its conversation goes on unless `fresh`. */
export function replanAgent(
	context: ControlContext,
	session: SessionRow,
	worker: WorkerRow,
	{ agent: patch = {}, fresh = false }: RestartOptions,
): RestartPlan {
	const before = agentOf(context.store.read, worker.id);
	if (!before) throw new BerthError("not_an_agent", `${worker.name} is no agent`);
	const change = changeOf(before, patch, fresh);
	const after = { ...before, ...change };
	const { manifest } = context.definitions.find(after.definition);
	const { driver, args, chosenModel: model, chosenMode: mode, conversation } = after;
	const commands = commandsOf(manifest, driver);
	// Without a conversation to go on with, a command for that may still know the way: --last.
	const goesOn =
		!fresh && commands.continue && (conversation !== null || !requires(commands.continue, "conversation"));
	const template = goesOn ? commands.continue! : commands.start;
	// Only what is asked for now: the definition may have lost the place for what was chosen earlier.
	const asked = { model: patch.model ?? undefined, mode: patch.mode ?? undefined };
	checkPlaces(manifest, driver, template, { args, ...asked });
	const here = hereOf(context, manifest, driver, {
		workerId: worker.id,
		cwd: worker.cwd,
		generation: worker.generation + 1,
	});
	const command = fillTemplate(
		template,
		{
			...here,
			model: model ?? undefined,
			mode: mode ?? undefined,
			conversation: conversation ?? undefined,
		},
		args,
	);
	const shared = worker.position === 0 ? {} : session.env;
	const env = { ...session.baseEnv, ...fillEnvironment(manifest.env, here), ...shared, ...after.env };
	checkStartable(context, manifest, command, worker.cwd, env);
	return { command, env, agent: change, undo: change && undoOf(before, change) };
}

/** What an agent runs with, and what of it a person chose. */
const CHOICES = [
	["model", "chosenModel"],
	["mode", "chosenMode"],
] as const;

/** What a patch makes of the stored configuration; null when nothing changes. */
export function changeOf(before: AgentRow, patch: AgentPatch, fresh = false): AgentChange | null {
	const change: AgentChange = {};
	for (const [name, chosenName] of CHOICES) {
		const wanted = patch[name];
		if (wanted === undefined) continue;
		const news = wanted !== before[chosenName];
		if (news) change[chosenName] = wanted;
		// Where nothing was chosen and nothing is to be, what the agent took by itself stays.
		if (wanted !== before[name] && (wanted !== null || news)) change[name] = wanted;
	}
	if (patch.args !== undefined && !Bun.deepEquals(patch.args, before.args)) change.args = patch.args;
	if (patch.env !== undefined) {
		const merged = Object.entries({ ...before.env, ...patch.env });
		const env = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
		if (!Bun.deepEquals(env, before.env)) change.env = env;
	}
	if (fresh && before.conversation !== null) change.conversation = null;
	return Object.keys(change).length === 0 ? null : change;
}

/** The change that takes another one back. */
function undoOf(before: AgentRow, change: AgentChange): AgentChange {
	return Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof AgentChange]]));
}

/** Throws when a change could not be carried out by the next start. */
export function checkChange(context: ControlContext, before: AgentRow, change: AgentChange): void {
	const { manifest } = context.definitions.find(before.definition);
	const { driver, args, chosenModel: model, chosenMode: mode } = { ...before, ...change };
	const { start } = commandsOf(manifest, driver);
	checkPlaces(manifest, driver, start, { args, model: model ?? undefined, mode: mode ?? undefined });
}

interface GivenPrompt {
	values: TemplateValues;
	queued: string | null;
	files: AgentFile[];
}

/** Where the first prompt goes: into the command when there is a place for one of its length, into a file, else into the queue. */
function promptPlaces(template: CommandTemplate, prompt: string | undefined, path: string): GivenPrompt {
	if (prompt === undefined) return { values: {}, queued: null, files: [] };
	if (takes(template, "prompt") && Buffer.byteLength(prompt) <= PROMPT_ARGUMENT_BYTES)
		return { values: { prompt }, queued: null, files: [] };
	if (takes(template, "promptFile"))
		return { values: { promptFile: path }, queued: null, files: [{ path, content: prompt }] };
	return { values: {}, queued: prompt, files: [] };
}

function promptFile({ paths }: ControlContext, workerId: string, generation: number): string {
	return join(generationDir(paths, workerId, generation), PROMPT_FILE);
}

/** What depends on where the agent is started, and by whom. A structured agent needs no hooks. */
function hereOf(
	context: ControlContext,
	{ hooks }: AgentManifest,
	driver: AgentDriver,
	{ workerId, cwd, generation }: Pick<AgentPlace, "workerId" | "cwd"> & { generation: number },
): TemplateValues {
	const here = { cwd, newConversation: newConversation(workerId, generation) };
	return hooks === undefined || driver !== "pty"
		? here
		: { ...here, settings: hookSettings(context, hooks, workerId) };
}
