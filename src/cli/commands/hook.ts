import { BerthError } from "../../contract/errors.ts";
import type { HookVerdict } from "../../contract/hook.ts";
import { PERMISSION_TIMEOUT_MS } from "../../contract/limits.ts";
import { newId } from "../../contract/names.ts";
import { EXIT, type Run } from "../command.ts";
import { askDaemon } from "../hook/ask.ts";
import { type ClaudeHook, type Dialect, dialects, parseHook } from "../hook/dialects.ts";
import type { hookClaude } from "../registry/permissions.ts";

/** Milliseconds beyond a request's deadline, which is the daemon's to tell; we speak when there is none to do so. */
const MARGIN_MS = 5000;
/** Milliseconds to wait for a daemon that is being restarted, before a tool that the agent need not ask for. */
const BEFORE_TOOL_MS = 10_000;
/** Milliseconds for which the agent is kept waiting with something that only tells how it is doing. */
const TELL_MS = 5000;

type RunHook = Run<typeof hookClaude>;

export const hooks: Readonly<Record<keyof typeof dialects, RunHook>> = {
	claude: (cli, invocation) => pass(dialects.claude, cli, invocation),
	codex: (cli, invocation) => pass(dialects.codex, cli, invocation),
	opencode: (cli, invocation) => pass(dialects.opencode, cli, invocation),
};

/** It fails closed: whatever goes wrong, a tool that was to be asked for is not used. */
async function pass(
	dialect: Dialect,
	cli: Parameters<RunHook>[0],
	{ flags }: Parameters<RunHook>[1],
): ReturnType<RunHook> {
	const worker = cli.env.BERTH_WORKER;
	// An agent outside of Berth: none of ours.
	if (!worker) return;
	let hook: ClaudeHook;
	try {
		hook = parseHook(await Bun.stdin.text());
	} catch (error) {
		cli.note(`berth: what came on standard input is no hook of an agent's: ${(error as Error).message}`);
		return EXIT.failure;
	}
	const call = { id: newId("p"), worker, hook };
	const waitMs = patience(hook, flags.timeout ?? PERMISSION_TIMEOUT_MS);
	try {
		say(hook, await askDaemon(flags.socket ?? cli.paths.daemonSocket, call, waitMs));
	} catch (error) {
		const why = BerthError.from(error).message;
		const failed = withoutWord(hook, `Berth could not decide it: ${why}`);
		if (failed.decision === "none") {
			cli.note(`berth: ${why}`);
			return EXIT.failure;
		}
		say(hook, failed);
	}
	return;

	function say(about: ClaudeHook, verdict: HookVerdict): void {
		const output = dialect.say(about, verdict);
		if (output !== null) cli.print(JSON.stringify(output));
	}
}

function patience({ hook_event_name: event }: ClaudeHook, timeoutMs: number): number {
	if (event === "PermissionRequest") return timeoutMs + MARGIN_MS;
	return event === "PreToolUse" ? BEFORE_TOOL_MS : TELL_MS;
}

/** What is said without the daemon's word: no. Before a tool that the agent need not ask for: that it has to. */
function withoutWord({ hook_event_name: event }: ClaudeHook, reason: string): HookVerdict {
	if (event === "PermissionRequest") return { decision: "deny", always: false, reason };
	if (event === "PreToolUse") return { decision: "ask", always: false, reason };
	return { decision: "none", always: false, reason };
}
