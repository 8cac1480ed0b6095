/** Agents of the npm registry that speak a protocol, which tests drive against a model of their own (model-api.ts). */
import type { StructuredDriver } from "../../../src/contract/words.ts";
import type { Reply } from "./model-api.ts";
import { files, isThere } from "./real-files.ts";
import { codexSetup, codexShell, geminiSetup, type Place } from "./real-setup.ts";

export interface RealAgent {
	name: string;
	driver: StructuredDriver;
	argv: string[];
	/** Added to go on with a conversation where the protocol does not say it. */
	resume: (conversation: string) => string[];
	/** What it needs to ask this model and nobody else: environment, and files below its home. */
	prepare(place: Place): Record<string, string>;
	/** How the model has it run a command that it asks the user about. */
	shell(command: string): Reply;
	/** How the model has it write a new file. */
	write(path: string, content: string): Reply;
	/** A mode that it does not start in. */
	mode: string;
	/** It has a tool for questions, and Claude Code's. */
	asksQuestions: boolean;
	/** It loses a conversation that is loaded in the minute in which it began: the files' names are the same. */
	losesWithinMinute?: true;
	/** A file without which it is not there. */
	file: string;
}

const { claude, claudeAcp: adapter, opencode, codexAcp, gemini } = files;

const claudeEnv = ({ modelUrl }: Place): Record<string, string> => ({
	ANTHROPIC_BASE_URL: modelUrl,
	ANTHROPIC_API_KEY: "none",
	CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
	DISABLE_AUTOUPDATER: "1",
	DISABLE_TELEMETRY: "1",
	DISABLE_ERROR_REPORTING: "1",
});

const described = (tool: string, command: string): Reply => ({
	...{ tool, input: { command, description: "Does as asked" } },
});

const claudeTools = {
	...{ mode: "plan", asksQuestions: true },
	shell: (command: string) => described("Bash", command),
	write: (file_path: string, content: string): Reply => ({ tool: "Write", input: { file_path, content } }),
};

const agents: RealAgent[] = [
	{
		...{ name: "Claude Code", driver: "claude-stream", file: claude, ...claudeTools },
		argv: [
			...[claude, "--print", "--verbose", "--include-partial-messages"],
			...[
				"--input-format",
				"stream-json",
				"--output-format",
				"stream-json",
				"--permission-prompt-tool",
				"stdio",
			],
		],
		prepare: claudeEnv,
		resume: (conversation) => ["--resume", conversation],
	},
	{
		...{ name: "claude-agent-acp", driver: "acp", file: adapter, ...claudeTools },
		argv: ["node", adapter],
		resume: () => [],
		prepare: (place) => ({ ...claudeEnv(place), CLAUDE_CODE_EXECUTABLE: claude }),
	},
	{
		...{ name: "opencode", driver: "acp", file: opencode, mode: "plan", asksQuestions: false },
		shell: (command) => described("bash", command),
		write: (filePath, content) => ({ tool: "write", input: { filePath, content } }),
		argv: [opencode, "acp"],
		resume: () => [],
		prepare: ({ modelUrl }) => ({
			OPENCODE_CONFIG_CONTENT: JSON.stringify({
				...{ model: "anthropic/claude-sonnet-4-5", autoupdate: false, share: "disabled" },
				provider: { anthropic: { options: { baseURL: `${modelUrl}/v1`, apiKey: "none" } } },
				permission: { bash: "ask", edit: "ask" },
			}),
			OPENCODE_DISABLE_AUTOUPDATE: "1",
			OPENCODE_DISABLE_MODELS_FETCH: "1",
			OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
			OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
		}),
	},
	{
		...{ name: "codex-acp", driver: "acp", file: codexAcp, mode: "full-access", asksQuestions: false },
		argv: [codexAcp],
		resume: () => [],
		shell: codexShell,
		write: (path, content) => {
			const added = content
				.trimEnd()
				.split("\n")
				.map((line) => `+${line}`);
			const patch = ["*** Begin Patch", `*** Add File: ${path}`, ...added, "*** End Patch", ""];
			return { tool: "apply_patch", input: patch.join("\n") };
		},
		prepare: (place) => codexSetup(place, 'sandbox_mode = "read-only"'),
	},
	{
		...{ name: "Gemini CLI", driver: "acp", file: gemini, mode: "plan", asksQuestions: false },
		losesWithinMinute: true,
		argv: ["node", gemini, "--acp"],
		resume: () => [],
		shell: (command) => described("run_shell_command", command),
		write: (file_path, content) => ({ tool: "write_file", input: { file_path, content } }),
		// Else it would ask a model which model to ask.
		prepare: (place) => ({ ...geminiSetup(place), GEMINI_MODEL: "gemini-2.5-flash" }),
	},
];

/** Those that are on this machine. */
export const realAgents: readonly RealAgent[] = agents.filter(({ file }) => isThere(file));
export const missingAgents: readonly string[] = agents
	.filter((agent) => !realAgents.includes(agent))
	.map(({ name }) => name);
