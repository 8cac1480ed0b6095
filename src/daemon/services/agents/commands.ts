/** Whether what is asked of an agent fits its definition: a driver that it has, places for what is chosen, a program that is there. */
import type { AgentManifest, CommandTemplate } from "../../../contract/agent-definition.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { AgentDriver } from "../../../contract/words.ts";
import type { ControlContext } from "../control-context.ts";
import { findProgram } from "../programs.ts";
import { takes, takesArguments } from "./template.ts";

export function commandsOf(manifest: AgentManifest, driver: AgentDriver) {
	const commands = manifest.commands[driver];
	if (commands) return commands;
	const there = Object.keys(manifest.commands).filter((name) => name !== "headless");
	throw refused(manifest, `has no driver ${driver}; it has ${there.join(", ")}`, "driver");
}

/** The template for a conversation that somebody named. A protocol can be told the conversation in other ways than its command. */
export function continuing(
	manifest: AgentManifest,
	driver: AgentDriver,
	conversation: string,
): CommandTemplate {
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
export function checkPlaces(
	manifest: AgentManifest,
	driver: AgentDriver,
	template: CommandTemplate,
	{ args, model, mode }: { args: readonly string[]; model: string | undefined; mode: string | undefined },
): void {
	if (args.length > 0 && !takesArguments(template))
		throw refused(manifest, "takes no extra arguments: its command has no {{args}}", "args");
	// The protocol has its own way of choosing; Claude Code's stream is told by flags.
	if (driver === "acp") return;
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

/** The kernel ends a word at a NUL. */
export function checkWords({ name }: AgentManifest, command: readonly string[]): void {
	if (command.some((word) => word.includes("\0")))
		throw new BerthError("bad_request", `what ${name} is started with cannot hold a NUL`, { field: "agent" });
}

export function checkStartable(
	{ env: daemon }: Pick<ControlContext, "env">,
	manifest: AgentManifest,
	command: readonly string[],
	cwd: string,
	env: Record<string, string>,
): void {
	checkWords(manifest, command);
	const { name, install } = manifest;
	const [program = ""] = command;
	if (findProgram(program, cwd, env.PATH ?? daemon.PATH) !== null) return;
	const advice = install === undefined ? "" : `; get it with ${install}`;
	throw new BerthError(
		"agent_not_installed",
		`${name} cannot be started: ${JSON.stringify(program)} was not found${advice}`,
		{ program },
	);
}

export function refused({ name }: AgentManifest, why: string, field: string): BerthError {
	return new BerthError("bad_request", `${name} ${why}`, { field: `agent.${field}` });
}
