/**
 * Codex' hooks (https://developers.openai.com/codex/hooks), given as one configuration value on its command line: `--config hooks={…}`
 * adds them to the user's own. Codex runs a hook only when its definition is trusted by hash, and asks the user about any other; ours
 * are trusted by the same value, which trusts nothing else (as `--dangerously-bypass-hook-trust` would) and is gone with the process.
 *
 * The hash is Codex' own (hooks/list of `codex app-server` tells it), as of 0.169.0: of the definition as JSON, keys in order. Should
 * another version take another one, Codex asks at its start whether to trust the hooks, and its screen tells the state.
 */
import { MARGIN_SECONDS, TELL_SECONDS, type Wiring } from "./parts.ts";

/** Where Codex thinks that hooks of its command line stand. */
const SOURCE = "/<session-flags>/config.toml";

/** Seconds that Codex gives these at most: what is asked beyond that it would not count as the trusted definition. */
const SHORT_SECONDS = 3;

/** Shown while a request waits for its answer: Codex' own dialogue comes only when nobody answers here. */
const STATUS = "asks in Berth (berth permissions ls)";

interface Hook {
	async: false;
	command: string;
	statusMessage?: string;
	timeout: number;
	type: "command";
}

export const codex: Wiring = {
	fileName: null,
	settings({ line, seconds }) {
		const tell = (timeout: number): Hook => ({ async: false, command: line, timeout, type: "command" });
		// Status 2 is a refusal; any other failure would let the tool pass.
		const decide = (status: { statusMessage?: string } = {}): Hook => ({
			...{ async: false, command: `${line} || exit 2` },
			...status,
			...{ timeout: seconds + MARGIN_SECONDS, type: "command" },
		});
		// SessionStart comes with the first prompt, after the turn has begun: it would say that the agent is idle.
		const hooks: [string, Hook][] = [
			["UserPromptSubmit", tell(TELL_SECONDS)],
			["PreToolUse", decide()],
			["PermissionRequest", decide({ statusMessage: STATUS })],
			["PostToolUse", tell(TELL_SECONDS)],
			["Stop", tell(TELL_SECONDS)],
			["Interrupt", tell(SHORT_SECONDS)],
			["SessionEnd", tell(SHORT_SECONDS)],
		];
		const definitions = hooks.map(([event, hook]) => `${event}=[{hooks=[${table(hook)}]}]`);
		const trusted = hooks.map(
			([event, hook]) => `${text(`${SOURCE}:${snake(event)}:0:0`)}=${trust(event, hook)}`,
		);
		return `hooks={${definitions.join(",")},state={${trusted.join(",")}}}`;
	},
};

function trust(event: string, hook: Hook): string {
	const identity = JSON.stringify({ event_name: snake(event), hooks: [hook] });
	const hash = new Bun.CryptoHasher("sha256").update(identity).digest("hex");
	return `{trusted_hash=${text(`sha256:${hash}`)}}`;
}

/** An inline table of TOML. `async` is false unless it is said. */
function table({ command, statusMessage, timeout, type }: Hook): string {
	const status = statusMessage === undefined ? "" : `,statusMessage=${text(statusMessage)}`;
	return `{type=${text(type)},command=${text(command)},timeout=${timeout}${status}}`;
}

/** A basic string of TOML escapes what JSON escapes, and DEL. */
function text(value: string): string {
	return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}

function snake(event: string): string {
	return event.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
