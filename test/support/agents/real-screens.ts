/**
 * Agents of the npm registry in their own screens, as Berth starts them by its built-in definitions, against a model of the test's own
 * (model-api.ts). Each is set up as after its first start: nobody is there to choose colours and to trust the directory.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "./model-api.ts";
import { files, isThere } from "./real-files.ts";
import { codexSetup, codexShell, geminiSetup, type Place, write } from "./real-setup.ts";

export interface RealScreen {
	/** The definition's id. */
	id: "claude" | "codex" | "gemini" | "opencode";
	file: string;
	/** How the model has it run a command that it asks the user about. */
	shell(command: string): Reply;
	/** A model to start with, and another one. */
	models: [string, string];
	/** What its own dialogue shows, and the keys that say no there; null for one that asks in Berth. */
	dialogue: { shows: string; no: string[] } | null;
	/** Its hooks tell its state. */
	hooked: boolean;
	/** The model as the API is asked for it. */
	asked(model: string): string;
	/** Environment, and files below `home`. */
	prepare(place: Place): Record<string, string>;
}

const same = (model: string): string => model;

const all: RealScreen[] = [
	{
		...{ id: "claude", file: files.claude, models: ["claude-opus-4-5", "claude-sonnet-4-5"] },
		...{ dialogue: null, hooked: true, asked: same },
		shell: (command) => ({ tool: "Bash", input: { command, description: "Does as asked" } }),
		prepare({ home, project, modelUrl }) {
			const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
			write(join(home, ".claude.json"), {
				...{ hasCompletedOnboarding: true, theme: "dark" },
				customApiKeyResponses: { approved: ["none"], rejected: [] },
				projects: { [project]: trusted },
			});
			return {
				...{ ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: "none", DISABLE_AUTOUPDATER: "1" },
				CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
			};
		},
	},
	{
		...{ id: "codex", file: files.codex, models: ["gpt-5-codex", "gpt-5.1-codex"] },
		...{ dialogue: null, hooked: true, asked: same },
		shell: codexShell,
		prepare: codexSetup,
	},
	{
		...{ id: "gemini", file: files.gemini, models: ["gemini-2.5-flash", "gemini-2.5-pro"] },
		...{ dialogue: { shows: "No, suggest changes", no: ["Escape"] }, hooked: false, asked: same },
		shell: (command) => ({ tool: "run_shell_command", input: { command, description: "Does as asked" } }),
		prepare: geminiSetup,
	},
	{
		...{ id: "opencode", file: files.opencode },
		models: ["anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-5"],
		dialogue: { shows: "Reject", no: ["Right", "Right", "Enter"] },
		hooked: true,
		asked: (model) => model.replace("anthropic/", ""),
		shell: (command) => ({ tool: "bash", input: { command, description: "Does as asked" } }),
		prepare({ home, modelUrl }) {
			const config = join(home, "opencode.json");
			write(config, {
				...{ autoupdate: false, share: "disabled", permission: { bash: "ask", edit: "ask" } },
				provider: { anthropic: { options: { baseURL: `${modelUrl}/v1`, apiKey: "none" } } },
			});
			return {
				...{ OPENCODE_CONFIG: config, OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" },
				...{ OPENCODE_DISABLE_LSP_DOWNLOAD: "1", OPENCODE_DISABLE_DEFAULT_PLUGINS: "1" },
			};
		},
	},
];

/** The agent of this id; null when it is not on this machine (scripts/test-agents). */
export function realScreen(id: string): RealScreen | null {
	const known = all.find((agent) => agent.id === id);
	if (known === undefined) throw new Error(`no agent is called ${id}`);
	return isThere(known.file) ? known : null;
}

/** Puts a program of the agent's name into a folder. */
export function install({ id, file }: RealScreen, bin: string): void {
	mkdirSync(bin, { recursive: true });
	const program = join(bin, id);
	if (!file.endsWith(".js")) symlinkSync(file, program);
	else {
		writeFileSync(program, `#!/bin/sh\nexec node '${file}' "$@"\n`);
		chmodSync(program, 0o700);
	}
}
