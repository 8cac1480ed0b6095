/**
 * Requests for permission while they wait. The holder alone keeps their deadlines, for no daemon need be there. It fails closed: a request
 * that ends in any way but an answer has been denied, and one that cannot be written down is denied at once, for nobody would see it.
 */
import type { AgentFact, EndedPermission } from "../../contract/agent-log.ts";
import { checkAnswers } from "../../contract/answers.ts";
import { BerthError } from "../../contract/errors.ts";
import type { AgentAnswer } from "../../contract/link.ts";
import { newId } from "../../contract/names.ts";
import type { PermissionOption } from "../../contract/permission.ts";
import type { Answers } from "../../contract/question.ts";
import type { PermissionDecision, PermissionOptionKind } from "../../contract/words.ts";
import type { Outcome, Request } from "./request.ts";
import type { Transcript } from "./transcript.ts";
import type { AgentView } from "./view/view.ts";

export interface PermissionsOptions {
	timeoutMs: number;
	/** Unix milliseconds. */
	now: () => number;
	write: (fact: AgentFact) => boolean;
	transcript: Transcript;
	view: AgentView;
	/** One more waits, or one fewer. */
	onChange: () => void;
}

interface Waiting {
	id: string;
	item: string;
	request: Request;
	timer: Timer;
}

export class Permissions {
	readonly #options: PermissionsOptions;
	readonly #waiting = new Map<string, Waiting>();
	readonly #ended = new Set<string>();

	constructor(options: PermissionsOptions) {
		this.#options = options;
	}

	/** The one that waits longest. */
	get first(): Request | null {
		return this.#waiting.values().next().value?.request ?? null;
	}

	/** Returns the id. */
	ask(request: Request): string {
		const { timeoutMs, now, write, transcript, view, onChange } = this.#options;
		const { respond, ...asked } = request;
		const id = newId("p");
		const deadlineAt = now() + timeoutMs;
		transcript.flush();
		if (!write({ kind: "permission", permission: { id, ...asked, deadlineAt } })) {
			this.#ended.add(id);
			respond({ ...denial(request), reason: "the request could not be written down" });
			return id;
		}
		const body = { type: "permission", permissionId: id, title: asked.title } as const;
		const item = transcript.permission({ ...body, state: "pending", decision: null });
		const timer = setTimeout(() => this.#expire(id), timeoutMs);
		this.#waiting.set(id, { id, item, request, timer });
		view.permission(id, request);
		onChange();
		return id;
	}

	/** Throws `permission_not_found`, `permission_ended`, `bad_request` for an option or answers that do not fit. */
	answer({ id, decision, optionId, answers: given, by, ruleId, reason }: AgentAnswer): void {
		const waiting = this.#waiting.get(id);
		if (waiting === undefined) {
			if (this.#ended.has(id)) throw new BerthError("permission_ended", `${id} has ended`);
			throw new BerthError("permission_not_found", `the agent did not ask for ${id}`);
		}
		const option = chosen(waiting.request.options, decision, optionId);
		const answers = decision === "allow" ? answersTo(waiting.request, given) : null;
		this.#end(
			waiting,
			{
				...{ state: "answered", decision, optionId: option, by, ruleId, reason },
				...(answers && { answers }),
			},
			{ decision, optionId: option, answers, cancelled: false, reason },
		);
	}

	/** The agent does not ask any more. */
	withdraw(id: string): void {
		const waiting = this.#waiting.get(id);
		if (waiting) this.#cancel(waiting, "agent", "the agent took the request back");
	}

	/** Whatever waits is denied. */
	cancelAll(reason: string): void {
		for (const waiting of [...this.#waiting.values()]) this.#cancel(waiting, "holder", reason);
	}

	#expire(id: string): void {
		const waiting = this.#waiting.get(id);
		if (!waiting) return;
		const reason = "nobody answered in time";
		const outcome = { ...denial(waiting.request), reason };
		this.#end(
			waiting,
			{ ...{ state: "expired", by: "deadline", ruleId: null, reason }, ...told(outcome) },
			outcome,
		);
	}

	#cancel(waiting: Waiting, by: "agent" | "holder", reason: string): void {
		const outcome: Outcome = { decision: "deny", optionId: null, answers: null, cancelled: true, reason };
		this.#end(waiting, { ...{ state: "cancelled", by, ruleId: null, reason }, ...told(outcome) }, outcome);
	}

	/** In the log first, then to the agent: an answer that was given can be read. */
	#end({ id, item, request, timer }: Waiting, ended: Omit<EndedPermission, "id">, outcome: Outcome): void {
		const { write, transcript, view, onChange } = this.#options;
		clearTimeout(timer);
		this.#waiting.delete(id);
		this.#ended.add(id);
		transcript.flush();
		write({ kind: "permission-ended", permission: { id, ...ended } });
		const { state, decision } = ended;
		transcript.permission(
			{ type: "permission", permissionId: id, title: request.title, state, decision },
			item,
		);
		view.permissionEnded(id, ended);
		request.respond(outcome);
		onChange();
	}
}

const told = ({ decision, optionId }: Outcome) => ({ decision, optionId });

/** A denial in the agent's own words where it offered some. */
function denial({ options }: Request): Outcome {
	const optionId = optionOf(options, "deny");
	return { decision: "deny", optionId, answers: null, cancelled: false, reason: null };
}

/** A question is not answered by a yes. */
function answersTo({ questions = [] }: Request, given: Answers | undefined): Answers | null {
	return questions.length === 0 ? null : checkAnswers(questions, given ?? {});
}

/** What an answer comes to; a bare decision is for this once. */
function chosen(
	options: readonly PermissionOption[],
	decision: PermissionDecision,
	optionId: string | null,
): string | null {
	if (optionId === null) {
		const found = optionOf(options, decision);
		if (found === null && decision === "allow") {
			throw new BerthError("bad_request", `the agent offers no such answer; name one of ${names(options)}`);
		}
		return found;
	}
	const option = options.find(({ id }) => id === optionId);
	if (!option) {
		throw new BerthError("bad_request", `the agent offers no ${optionId}; it offers ${names(options)}`);
	}
	if (option.kind.startsWith("allow") !== (decision === "allow"))
		throw new BerthError("bad_request", `the option ${optionId} does not mean ${decision}`);
	return optionId;
}

/** To deny for good is still a denial; to allow for good is more than was said. */
const fitting: Record<PermissionDecision, readonly PermissionOptionKind[]> = {
	allow: ["allow_once"],
	deny: ["reject_once", "reject_always"],
};

function optionOf(options: readonly PermissionOption[], decision: PermissionDecision): string | null {
	for (const kind of fitting[decision]) {
		const option = options.find((one) => one.kind === kind);
		if (option) return option.id;
	}
	return null;
}

function names(options: readonly PermissionOption[]): string {
	return options.map(({ id }) => id).join(", ") || "none";
}
