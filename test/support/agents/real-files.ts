/**
 * Where the agents of the npm registry are that tests drive. They are hundreds of megabytes, so they are no dependencies: scripts/test fetches
 * them once into a cache (scripts/test-agents), and without them their tests are skipped.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.BERTH_TEST_AGENTS ?? join(import.meta.dir, "../../../node_modules/.cache/agents");
const modules = join(folder, "node_modules");
const platform = `${process.platform}-${process.arch}`;

/** As Rust names it. */
const triple = {
	"linux-x64": "x86_64-unknown-linux-musl",
	"linux-arm64": "aarch64-unknown-linux-musl",
	"darwin-x64": "x86_64-apple-darwin",
	"darwin-arm64": "aarch64-apple-darwin",
}[platform];

export const files = {
	claude: join(modules, `@anthropic-ai/claude-code-${platform}/claude`),
	claudeAcp: join(modules, "@agentclientprotocol/claude-agent-acp/dist/index.js"),
	opencode: join(modules, `opencode-${platform}${process.arch === "x64" ? "-baseline" : ""}/bin/opencode`),
	codex: join(modules, `@openai/codex-${platform}/vendor/${triple}/bin/codex`),
	codexAcp: join(modules, `@zed-industries/codex-acp-${platform}/bin/codex-acp`),
	gemini: join(modules, "@google/gemini-cli/bundle/gemini.js"),
} as const;

export const isThere = (file: string): boolean => existsSync(file);
