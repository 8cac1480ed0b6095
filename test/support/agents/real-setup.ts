/** What agents of the npm registry need to ask the test's model and nobody else, whichever way they are driven: as after their first start. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Reply } from "./model-api.ts";

export interface Place {
	/** The agent's HOME. */
	home: string;
	/** The folder that it works in. */
	project: string;
	modelUrl: string;
}

/** `more` are lines of its configuration. */
export function codexSetup({ home, project, modelUrl }: Place, more = ""): Record<string, string> {
	write(
		join(home, ".codex/config.toml"),
		`model_provider = "test"
approval_policy = "on-request"
check_for_update_on_startup = false
${more}
[model_providers.test]
name = "test"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "TEST_KEY"
[projects."${project}"]
trust_level = "trusted"
`,
	);
	return { TEST_KEY: "none" };
}

/** How the model has Codex run a command that it asks the user about. */
export const codexShell = (cmd: string): Reply => ({
	tool: "exec_command",
	input: { cmd, sandbox_permissions: "require_escalated", justification: "Does as asked" },
});

export function geminiSetup({ home, modelUrl }: Place): Record<string, string> {
	const security = { auth: { selectedType: "gemini-api-key" } };
	write(join(home, ".gemini/settings.json"), { security, general: { enableAutoUpdate: false } });
	return {
		...{ GOOGLE_GEMINI_BASE_URL: modelUrl, GEMINI_API_KEY: "none" },
		GEMINI_CLI_TRUST_WORKSPACE: "true",
	};
}

export function write(file: string, content: object | string): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}
