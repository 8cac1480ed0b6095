/**
 * How an agent is going to be started: its definition and what was asked for, made into argv and environment. Everything that can be
 * wrong is found here, before anything is stored, started or ended. Nothing in here waits.
 */
import { join } from "node:path";
import type {
	AgentManifest,
	AgentPatch,
	CommandTemplate,
	NewAgent,
	RestartOptions,
} from "../../../contract/agent.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { AgentDriver } from "../../../contract/words.ts";
import { generationDir } from "../../../platform/paths.ts";
import { type AgentChange, agentOf } from "../../../store/agents.ts";
import type { AgentRow, SessionRow, WorkerRow } from "../../../store/schema.ts";
import type { RestartPlan } from "../admission.ts";
import type { ControlContext } from "../control-context.ts";
import { findProgram } from "../programs.ts";
import { hookSettingsFile } from "./hook-settings.ts";
import { fillTemplate, requires, type TemplateValues, takes, takesArguments } from "./template.ts";

/**
 * Bytes of a prompt that is given as an argument. The kernel takes 128 KiB for one argument (MAX_ARG_STRLEN); the rest is room for the
 * text around it.
 */
export const PROMPT_ARGUMENT_BYTES = 120 * 1024;

/** In the folder of the generation that it is the first prompt of. */
const PROMPT_FILE = "prompt.md";

/** A file that must be there when the process starts; 0600. */
export interface AgentFile {
	path: string;
	content: string;
}

export interface AgentPlan {
	command: string[];
	/** What the worker's environment has besides the daemon's: the definition's, then what was added. */
	env: Record<string, string>;
	agent: AgentRow;
	/** The first prompt when the command does not hold it: it is to be queued. */
	prompt: string | null;
	files: AgentFile[];
}

export interface AgentPlace {
	workerId: string;
	cwd: string;
	/** What every worker of the session gets. */
	sessionEnv: Record<string, string>;
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
	const command = fillTemplate(
		template,
		{ ...hereOf(context, manifest, place.workerId, place.cwd), ...given.values, model, mode, conversation },
		args,
	);
	const env = { ...manifest.env, ...place.sessionEnv, ...place.added };
	checkStartable(context, manifest, command, place.cwd, env);
	const at = context.now();
	const choices = (ids: readonly string[] = []) => ids.map((id) => ({ id, name: id }));
	const agent: AgentRow = {
		workerId: place.workerId,
		definition: manifest.id,
		driver,
		model: model ?? null,
		mode: mode ?? null,
		args,
		env: place.added,
		models: choices(manifest.models),
		modes: choices(manifest.modes),
		images: manifest.capabilities?.images ?? false,
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
	const { driver, args, model, mode, conversation } = after;
	const commands = commandsOf(manifest, driver);
	// Without a conversation to go on with, a command for that may still know the way: --last.
	const goesOn =
		!fresh && commands.continue && (conversation !== null || !requires(commands.continue, "conversation"));
	const template = goesOn ? commands.continue! : commands.start;
	checkPlaces(manifest, driver, template, { args, model: model ?? undefined, mode: mode ?? undefined });
	const command = fillTemplate(
		template,
		{
			...hereOf(context, manifest, worker.id, worker.cwd),
			model: model ?? undefined,
			mode: mode ?? undefined,
			conversation: conversation ?? undefined,
		},
		args,
	);
	const shared = worker.position === 0 ? {} : session.env;
	const env = { ...manifest.env, ...shared, ...after.env };
	checkStartable(context, manifest, command, worker.cwd, env);
	return { command, env, agent: change };
}

/** What a patch makes of the stored configuration; null when nothing changes. */
export function changeOf(before: AgentRow, patch: AgentPatch, fresh = false): AgentChange | null {
	const change: AgentChange = {};
	if (patch.model !== undefined && patch.model !== before.model) change.model = patch.model;
	if (patch.mode !== undefined && patch.mode !== before.mode) change.mode = patch.mode;
	if (patch.args !== undefined && !Bun.deepEquals(patch.args, before.args)) change.args = patch.args;
	if (patch.env !== undefined) {
		const merged = Object.entries({ ...before.env, ...patch.env });
		const env = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
		if (!Bun.deepEquals(env, before.env)) change.env = env;
	}
	if (fresh && before.conversation !== null) change.conversation = null;
	return Object.keys(change).length === 0 ? null : change;
}

/** Throws when a change could not be carried out by the next start. */
export function checkChange(context: ControlContext, before: AgentRow, change: AgentChange): void {
	const { manifest } = context.definitions.find(before.definition);
	const { driver, args, model, mode } = { ...before, ...change };
	const { start } = commandsOf(manifest, driver);
	checkPlaces(manifest, driver, start, { args, model: model ?? undefined, mode: mode ?? undefined });
}

/** The argv that answers one prompt and exits. */
export function headlessCommand(
	context: ControlContext,
	id: string,
	{
		prompt,
		cwd,
		model,
		mode,
		args = [],
	}: { prompt: string; cwd: string } & Pick<NewAgent, "model" | "mode" | "args">,
): { command: string[]; env: Record<string, string> } {
	const { manifest } = context.definitions.find(id);
	const template = manifest.commands.headless;
	if (!template)
		throw refused(
			manifest,
			"answers no single prompt: its definition has no commands.headless",
			"definition",
		);
	checkPlaces(manifest, "pty", template, { args, model, mode });
	if (Buffer.byteLength(prompt) > PROMPT_ARGUMENT_BYTES)
		throw new BerthError(
			"too_large",
			`a prompt for one answer may have ${PROMPT_ARGUMENT_BYTES} bytes; put more into a file`,
		);
	const command = fillTemplate(template, { prompt, cwd, model, mode }, args);
	const env = manifest.env ?? {};
	checkStartable(context, manifest, command, cwd, env);
	return { command, env };
}

function commandsOf(manifest: AgentManifest, driver: AgentDriver) {
	const commands = manifest.commands[driver];
	if (commands) return commands;
	const there = Object.keys(manifest.commands).filter((name) => name !== "headless");
	throw refused(manifest, `has no driver ${driver}; it has ${there.join(", ")}`, "driver");
}

/** The template for a conversation that somebody named. A protocol can be told the conversation in other ways than its command. */
function continuing(manifest: AgentManifest, driver: AgentDriver, conversation: string): CommandTemplate {
	const commands = commandsOf(manifest, driver);
	const template = commands.continue ?? commands.start;
	if (driver === "pty" && !takes(template, "conversation"))
		throw refused(
			manifest,
			`cannot be told to go on with ${JSON.stringify(conversation)} with the driver pty`,
			"conversation",
		);
	return template;
}

/** What was asked for must have a place to go to: the command, or the protocol. */
function checkPlaces(
	manifest: AgentManifest,
	driver: AgentDriver,
	template: CommandTemplate,
	{ args, model, mode }: { args: readonly string[]; model: string | undefined; mode: string | undefined },
): void {
	if (args.length > 0 && !takesArguments(template))
		throw refused(manifest, "takes no extra arguments: its command has no {{args}}", "args");
	if (driver !== "pty") return;
	for (const [name, value] of [
		["model", model],
		["mode", mode],
	] as const) {
		if (value !== undefined && !takes(template, name))
			throw refused(
				manifest,
				`has no choice of ${name} with this driver: its command has no {{${name}}}`,
				name,
			);
	}
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

/** What depends on where the agent is started, and by whom. */
function hereOf(
	{ paths }: ControlContext,
	{ hooks }: AgentManifest,
	workerId: string,
	cwd: string,
): TemplateValues {
	return hooks === undefined ? { cwd } : { cwd, settings: hookSettingsFile(paths, workerId) };
}

function checkStartable(
	{ env: daemon }: ControlContext,
	{ name, install }: AgentManifest,
	command: readonly string[],
	cwd: string,
	env: Record<string, string>,
): void {
	const [program = ""] = command;
	if (command.some((word) => word.includes("\0")))
		throw new BerthError("bad_request", `what ${name} is started with cannot hold a NUL`, { field: "agent" });
	if (findProgram(program, cwd, env.PATH ?? daemon.PATH) !== null) return;
	const advice = install === undefined ? "" : `; get it with ${install}`;
	throw new BerthError(
		"agent_not_installed",
		`${name} cannot be started: ${JSON.stringify(program)} was not found${advice}`,
		{ program },
	);
}

function refused({ name }: AgentManifest, why: string, field: string): BerthError {
	return new BerthError("bad_request", `${name} ${why}`, { field: `agent.${field}` });
}
