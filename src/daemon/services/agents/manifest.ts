/** A definition's text, TOML or JSON, into a manifest that can be used. Throws `invalid_agent` with the place and what is wrong there. */
import { Value } from "@sinclair/typebox/value";
import { parse as parseToml, TomlError } from "smol-toml";
import { AgentManifest, type CommandTemplate } from "../../../contract/agent-definition.ts";
import { BerthError } from "../../../contract/errors.ts";
import { agentDrivers } from "../../../contract/words.ts";
import { compilePattern } from "./pattern.ts";
import { ScreenRules } from "./screen-rules.ts";
import { liveFault, requires, templateFault } from "./template.ts";

export const manifestFormats = ["toml", "json"] as const;
export type ManifestFormat = (typeof manifestFormats)[number];

export function readManifest(text: string, format: ManifestFormat): AgentManifest {
	return checkManifest(format === "toml" ? fromToml(text) : fromJson(text));
}

/** The same for what has been parsed already. */
export function checkManifest(value: unknown): AgentManifest {
	if (!Value.Check(AgentManifest, value)) throw invalid(schemaFault(value));
	const { commands, driver, screen = [], live = {} } = value;
	if (!commands[driver]) throw invalid(`driver: there is no [commands.${driver}]`);
	for (const [name, template] of templatesOf(value)) {
		const fault = templateFault(template);
		if (fault !== null) throw invalid(`commands.${name}: ${fault}`);
	}
	for (const name of agentDrivers) {
		const { start } = commands[name] ?? {};
		if (start && (requires(start, "conversation") || requires(start, "prompt")))
			throw invalid(
				`commands.${name}.start: a new conversation may have neither {{conversation}} nor a {{prompt}}; put it in a group`,
			);
	}
	for (const [name, { type, taken }] of Object.entries(live)) {
		const fault = liveFault(type, name as "model" | "mode");
		if (fault !== null) throw invalid(`live.${name}.type: ${fault}`);
		checkPattern(taken, `live.${name}.taken`);
	}
	new ScreenRules(screen);
	return value;
}

function checkPattern(source: string, where: string): void {
	try {
		compilePattern(source);
	} catch (error) {
		throw invalid(`${where}: ${BerthError.from(error).message}`, error);
	}
}

function fromToml(text: string): unknown {
	try {
		return parseToml(text);
	} catch (error) {
		if (!(error instanceof TomlError)) throw error;
		const [what] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
		throw invalid(`line ${error.line}, column ${error.column}: ${what}`, error);
	}
}

function fromJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw invalid(`it is not valid JSON: ${(error as Error).message}`, error);
	}
}

function schemaFault(value: unknown): string {
	const { path = "", message, value: found } = [...Value.Errors(AgentManifest, value)].at(0) ?? {};
	const where = path.slice(1).replaceAll("/", ".");
	const shown = found === undefined || typeof found === "object" ? "" : `, not ${JSON.stringify(found)}`;
	return `${where === "" ? "the manifest" : where}: ${message ?? "does not fit"}${shown}`;
}

function templatesOf({ commands }: AgentManifest): [string, CommandTemplate][] {
	const templates: [string, CommandTemplate][] = agentDrivers.flatMap((driver) => {
		const { start, continue: again } = commands[driver] ?? {};
		return [
			...(start ? [[`${driver}.start`, start] as [string, CommandTemplate]] : []),
			...(again ? [[`${driver}.continue`, again] as [string, CommandTemplate]] : []),
		];
	});
	return commands.headless ? [...templates, ["headless", commands.headless]] : templates;
}

function invalid(detail: string, cause?: unknown): BerthError {
	return new BerthError("invalid_agent", detail, undefined, cause);
}
