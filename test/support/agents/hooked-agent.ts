/**
 * An agent of the tests' own that lives in a terminal and has hooks as Claude Code has them: `--settings FILE` names its hooks' commands, which
 * get the event as JSON on standard input and run in a shell. It does what it is told on its standard input, a line at a time:
 *
 *   ask COMMAND      asks its PermissionRequest hooks whether it may run COMMAND, and prints `COMMAND: allow`, `deny MESSAGE` or `its own
 *                    dialogue`; with what `always` added, when they said so. It asks for several at once
 *   use COMMAND      asks its PreToolUse hooks, as before every tool, and prints what they decided
 *   tell EVENT JSON  runs the hooks of another event, with more fields
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Settings {
	hooks: Record<string, { hooks: { type: string; command: string; timeout: number }[] }[]>;
}

interface Verdict {
	hookSpecificOutput?: {
		decision?: { behavior: string; message?: string; updatedPermissions?: unknown };
		permissionDecision?: string;
		permissionDecisionReason?: string;
	};
}

const file = process.argv[process.argv.indexOf("--settings") + 1]!;
const settings = JSON.parse(readFileSync(file, "utf8")) as Settings;

/** What the hooks of one event said: their output, or the refusal that status 2 is. */
async function run(event: string, more: object): Promise<Verdict | "blocked"> {
	const input = {
		session_id: "c-1",
		transcript_path: "",
		cwd: process.cwd(),
		hook_event_name: event,
		...more,
	};
	for (const { command } of (settings.hooks[event] ?? []).flatMap(({ hooks }) => hooks)) {
		const hook = Bun.spawn(["sh", "-c", command], {
			stdin: new Blob([JSON.stringify(input)]),
			stderr: "ignore",
		});
		const [status, output] = await Promise.all([hook.exited, new Response(hook.stdout).text()]);
		if (status === 2) return "blocked";
		if (status === 0 && output.trim() !== "") return JSON.parse(output) as Verdict;
	}
	return {};
}

const bash = (command: string) => ({
	tool_name: "Bash",
	tool_input: { command },
	permission_suggestions: command.startsWith("npm")
		? [{ type: "addRules", rules: [{ toolName: "Bash" }] }]
		: [],
});

async function ask(command: string): Promise<string> {
	const verdict = await run("PermissionRequest", bash(command));
	if (verdict === "blocked") return "blocked";
	const decision = verdict.hookSpecificOutput?.decision;
	if (!decision) return "its own dialogue";
	const always = decision.updatedPermissions ? ` ${JSON.stringify(decision.updatedPermissions)}` : "";
	return `${decision.behavior}${decision.message ? ` ${decision.message}` : ""}${always}`;
}

async function use(command: string): Promise<string> {
	const verdict = await run("PreToolUse", { ...bash(command), tool_use_id: "t-1" });
	if (verdict === "blocked") return "blocked";
	const { permissionDecision = "go on", permissionDecisionReason = "" } = verdict.hookSpecificOutput ?? {};
	return `${permissionDecision} ${permissionDecisionReason}`.trim();
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
	const [, word, rest = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
	if (word === "ask") void ask(rest).then((said) => console.log(`<${rest}: ${said}>`));
	else if (word === "use") void use(rest).then((said) => console.log(`<${rest}: ${said}>`));
	else if (word === "tell") {
		const [, event = "", more = "{}"] = /^(\S+) ?(.*)$/.exec(rest) ?? [];
		void run(event, JSON.parse(more === "" ? "{}" : more) as object).then(() =>
			console.log(`<told ${event}>`),
		);
	}
}
