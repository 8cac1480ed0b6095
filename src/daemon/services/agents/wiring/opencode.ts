/**
 * opencode has plugins instead of hooks (https://opencode.ai/docs/plugins): one of ours is named by the configuration that its environment
 * holds, which adds to the user's own. It tells opencode's events in the words of Claude Code's hooks.
 */
import { pathToFileURL } from "node:url";
import plugin from "./opencode-plugin.js" with { type: "text" };
import type { Wiring } from "./parts.ts";

/** Where the plugin has what it is to run. */
const COMMAND = '["berth", "hook", "opencode"]';

export const opencode: Wiring = {
	fileName: "opencode-plugin.js",
	settings({ file, env }) {
		const theirs = configOf(env.OPENCODE_CONFIG_CONTENT);
		const plugins = Array.isArray(theirs.plugin) ? theirs.plugin : [];
		return JSON.stringify({ ...theirs, plugin: [...plugins, pathToFileURL(file).href] });
	},
	content: ({ argv }) => plugin.replace(COMMAND, () => JSON.stringify(argv)),
};

function configOf(text: string | undefined): Record<string, unknown> {
	try {
		const config: unknown = JSON.parse(text ?? "{}");
		return typeof config === "object" && config !== null ? (config as Record<string, unknown>) : {};
	} catch {
		// opencode would refuse it as well, and says so itself where it stands.
		return {};
	}
}
