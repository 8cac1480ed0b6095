/** Agents of the npm registry that speak a protocol, which tests drive against a model of their own (model-api.ts). */
import type { StructuredDriver } from "../../../src/contract/words.ts";
import { files, isThere } from "./real-files.ts";

export interface RealAgent {
	name: string;
	driver: StructuredDriver;
	argv: string[];
	/** Added to go on with a conversation where the protocol does not say it. */
	resume: (conversation: string) => string[];
	/** What it needs to ask this model and nobody else. */
	env(modelUrl: string): Record<string, string>;
	/** Its tools that run a command and write a file, and the latter's name for the path. */
	shell: string;
	write: { tool: string; path: string };
	/** A file without which it is not there. */
	file: string;
}

const { claude, claudeAcp: adapter, opencode } = files;

const claudeEnv = (modelUrl: string): Record<string, string> => ({
	ANTHROPIC_BASE_URL: modelUrl,
	ANTHROPIC_API_KEY: "none",
	CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
	DISABLE_AUTOUPDATER: "1",
	DISABLE_TELEMETRY: "1",
	DISABLE_ERROR_REPORTING: "1",
});

const claudeTools = { shell: "Bash", write: { tool: "Write", path: "file_path" } };

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
		env: claudeEnv,
		resume: (conversation) => ["--resume", conversation],
	},
	{
		...{ name: "claude-agent-acp", driver: "acp", file: adapter, ...claudeTools },
		argv: ["node", adapter],
		resume: () => [],
		env: (modelUrl) => ({ ...claudeEnv(modelUrl), CLAUDE_CODE_EXECUTABLE: claude }),
	},
	{
		...{ name: "opencode", driver: "acp", file: opencode, shell: "bash" },
		write: { tool: "write", path: "filePath" },
		argv: [opencode, "acp"],
		resume: () => [],
		env: (modelUrl) => ({
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
];

/** Those that are on this machine. */
export const realAgents: readonly RealAgent[] = agents.filter(({ file }) => isThere(file));
export const missingAgents: readonly string[] = agents
	.filter((agent) => !realAgents.includes(agent))
	.map(({ name }) => name);
