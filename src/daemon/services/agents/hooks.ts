/**
 * What an agent's own hooks bring (`berth hook`): each tells the agent's state something, and two of them may keep a tool from being used.
 *
 *   PreToolUse          before every tool, whatever the agent's own mode allows: Berth's rules that deny hold here, and one that says `ask`
 *                       makes the agent ask. Nothing is asked of a person yet
 *   PermissionRequest   where the agent would ask: a rule answers, else a person, who may also do so in the agent's own terminal. The
 *                       agent does not tell that it was answered there, but goes on; then the request is withdrawn
 */
import { claudeAnswers, claudeQuestions } from "../../../contract/claude-questions.ts";
import { claudeToolCall } from "../../../contract/claude-tools.ts";
import { BerthError } from "../../../contract/errors.ts";
import { ALWAYS_OPTION, type HookCall, type HookVerdict } from "../../../contract/hook.ts";
import type { PermissionOption } from "../../../contract/permission.ts";
import { isLive } from "../../../contract/state.ts";
import { agentOf, updateAgent } from "../../../store/agents.ts";
import { pendingPermissions } from "../../../store/permissions.ts";
import type { AgentRow, PermissionRow, WorkerRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";
import { workerById } from "../../../store/workers.ts";
import type { HookedCall, HookRequests } from "./hook-requests.ts";
import type { PermissionRules } from "./permission-rules.ts";
import type { HookFact, StateSink } from "./sinks.ts";

/** Events that come when nothing of the main conversation waits any more. */
const TURN_ENDS: ReadonlySet<string> = new Set([
	"Stop",
	"StopFailure",
	"Interrupt",
	"UserPromptSubmit",
	"SessionStart",
	"SessionEnd",
]);

/** Events that come when a tool has been used, or was not. */
const TOOL_ENDS: ReadonlySet<string> = new Set(["PostToolUse", "PostToolUseFailure"]);

const none: HookVerdict = { decision: "none", always: false, reason: null };

export interface HookParts {
	store: Store;
	rules: PermissionRules;
	requests: HookRequests;
	states: Pick<StateSink, "hook">;
	now: () => number;
}

/** When to stop waiting: whoever asked is gone, or the daemon stops. */
export interface HookSignals {
	gone: AbortSignal;
	stopping: AbortSignal;
}

export class Hooks {
	readonly #parts: HookParts;
	/** Requests of subagents, which go on when the main conversation's turn ends. */
	readonly #ofSubagents = new Set<string>();

	constructor(parts: HookParts) {
		this.#parts = parts;
	}

	/**
	 * What the hook is to say, when that is decided. Throws `worker_not_found`; and `daemon_unreachable` when the daemon stops before: the
	 * next one is to be asked.
	 */
	async call({ id, worker: workerId, hook }: HookCall, signals: HookSignals): Promise<HookVerdict> {
		const worker = workerById(this.#parts.store.read, workerId);
		if (!worker) throw new BerthError("worker_not_found", `there is no worker ${workerId}`);
		const agent = agentOf(this.#parts.store.read, workerId);
		// Somebody's own Claude Code in a terminal of ours, wired by hand: it is not ours to decide for.
		if (!agent) return none;
		const fact = factOf(hook, this.#parts.now());
		if (!isLive(worker.state)) return refusal(`the agent has ended (${fact.event})`);
		this.#noteConversation(worker, agent, fact);
		const call = callOf(id, hook);
		if (fact.event === "PermissionRequest") return await this.#ask(worker, call, fact, signals);
		this.#withdrawAnswered(worker, call, fact);
		this.#parts.states.hook(worker, fact);
		return fact.event === "PreToolUse" ? this.#byRule(worker, call) : none;
	}

	#byRule(worker: WorkerRow, call: HookedCall): HookVerdict {
		const rule = this.#parts.rules.decide(this.#parts.requests.subject(worker, call));
		if (rule?.decision === "ask")
			return { decision: "ask", always: false, reason: `Berth's rule ${rule.id}` };
		return rule?.decision === "deny" ? verdictOf(this.#parts.requests.record(worker, call)) : none;
	}

	async #ask(
		worker: WorkerRow,
		call: HookedCall,
		{ subagent }: HookFact,
		signals: HookSignals,
	): Promise<HookVerdict> {
		if (subagent) this.#ofSubagents.add(call.id);
		try {
			const ended = await this.#parts.requests.ask(worker, call, signals);
			if (ended) return verdictOf(ended);
			throw new BerthError("daemon_unreachable", "the daemon stops; ask the next one");
		} finally {
			this.#ofSubagents.delete(call.id);
		}
	}

	/** The agent has gone on: what it asked was answered in its own terminal. */
	#withdrawAnswered(worker: WorkerRow, call: HookedCall, { event, subagent }: HookFact): void {
		if (!TOOL_ENDS.has(event) && (subagent || !TURN_ENDS.has(event))) return;
		for (const row of pendingPermissions(this.#parts.store.read, { workerId: worker.id })) {
			if (row.source !== "hook") continue;
			const over = TOOL_ENDS.has(event) ? isSameCall(row, call) : !this.#ofSubagents.has(row.id);
			if (over) this.#parts.requests.withdraw(row.id, "it was answered in the agent's own terminal");
		}
	}

	/** A restart goes on with the conversation that the agent has now. One in which nothing was said cannot be gone on with. */
	#noteConversation(worker: WorkerRow, agent: AgentRow, { event, conversation, subagent }: HookFact): void {
		const said = event !== "SessionStart" && event !== "SessionEnd";
		if (!said || subagent || conversation === null || conversation === agent.conversation) return;
		this.#parts.store.change((change) => updateAgent(change, worker.id, { conversation }));
	}
}

function factOf(hook: HookCall["hook"], at: number): HookFact {
	const tool = textOf(hook.tool_name);
	return {
		event: textOf(hook.hook_event_name) ?? "",
		at,
		conversation: textOf(hook.session_id),
		about: textOf(hook.notification_type) ?? tool ?? textOf(hook.source) ?? textOf(hook.reason),
		text:
			textOf(hook.message) ??
			textOf(hook.last_assistant_message) ??
			(tool === null ? null : claudeToolCall(tool, hook.tool_input).title),
		subagent: textOf(hook.agent_id) !== null,
	};
}

function callOf(id: string, hook: HookCall["hook"]): HookedCall {
	const tool = textOf(hook.tool_name) ?? "";
	const input = hook.tool_input ?? null;
	const questions = claudeQuestions(tool, input);
	return { id, tool, ...claudeToolCall(tool, input), input, options: optionsOf(hook), questions };
}

/** What Claude Code's own dialogue offers. */
function optionsOf({ permission_suggestions: suggestions }: HookCall["hook"]): PermissionOption[] {
	const options: PermissionOption[] = [{ id: "allow", name: "Allow", kind: "allow_once" }];
	if (Array.isArray(suggestions) && suggestions.length > 0)
		options.push({ id: ALWAYS_OPTION, name: suggestionName(suggestions), kind: "allow_always" });
	return [...options, { id: "deny", name: "Deny", kind: "reject_once" }];
}

interface Suggestion {
	type?: unknown;
	mode?: unknown;
	rules?: { toolName?: unknown; ruleContent?: unknown }[];
	directories?: unknown[];
}

/** `Allow, and from now on: Bash(npm test:*)`. */
function suggestionName(suggestions: readonly Suggestion[]): string {
	const parts = suggestions.flatMap(({ mode, rules, directories }) => [
		...(textOf(mode) === null ? [] : [`mode ${textOf(mode)}`]),
		...(Array.isArray(rules)
			? rules.map(({ toolName, ruleContent }) => {
					const content = textOf(ruleContent);
					return `${textOf(toolName) ?? ""}${content === null ? "" : `(${content})`}`;
				})
			: []),
		...(Array.isArray(directories) ? directories.flatMap((each) => textOf(each) ?? []) : []),
	]);
	return `Allow, and from now on${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

function isSameCall(row: PermissionRow, call: HookedCall): boolean {
	if (row.tool !== call.tool) return false;
	// What was answered stands in the input then.
	if (row.questions.length > 0) return Bun.deepEquals(row.questions, call.questions);
	return Bun.deepEquals(row.input, call.input);
}

function verdictOf({ decision, optionId, questions, answers, reason }: PermissionRow): HookVerdict {
	if (decision === "allow") {
		const said = answers && { answers: claudeAnswers(questions, answers) };
		return { decision, always: optionId === ALWAYS_OPTION, reason: null, ...said };
	}
	return refusal(reason === null ? "denied in Berth" : `denied in Berth: ${reason}`);
}

function refusal(reason: string): HookVerdict {
	return { decision: "deny", always: false, reason };
}

function textOf(value: unknown): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}
