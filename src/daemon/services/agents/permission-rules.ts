/**
 * Rules that answer requests for permission without asking.
 *
 * A rule fits when everything it names fits: the tool, the subject (the whole command, path or address), the agent, the directory that the
 * agent works in. Of the rules that fit, one that is narrower than another in some of the four and wider in none takes its place. Of those
 * that are left the strictest decides: deny before ask before allow. So a general rule is only ever relaxed by one that is narrower in
 * every respect; where neither is, as with one for a directory and one for a command, the safer one holds.
 */
import { isAbsolute, resolve } from "node:path";
import { BerthError } from "../../../contract/errors.ts";
import { newId } from "../../../contract/names.ts";
import type { NewPermissionRule, PermissionRule } from "../../../contract/permission.ts";
import type { RuleDecision } from "../../../contract/words.ts";
import { allRules, createRule, deleteRule } from "../../../store/permission-rules.ts";
import type { PermissionRow, PermissionRuleRow } from "../../../store/schema.ts";
import type { Store } from "../../../store/store.ts";
import { fits, fitsSafely, strictness } from "./rule-pattern.ts";

/** What rules look at. */
export type RuleSubject = Pick<PermissionRow, "tool" | "kind" | "subject" | "questions" | "agent" | "cwd">;

/** The strictest first. */
const STRICTEST: readonly RuleDecision[] = ["deny", "ask", "allow"];

/** Kinds of tools whose subject is no command, so that `;` and `&` in it mean nothing. */
const NO_COMMAND: ReadonlySet<string> = new Set(["read", "edit", "delete", "move", "search", "fetch"]);

export interface RuleContext {
	store: Store;
	/** The user's home directory: what ~ stands for. */
	home: string;
	now: () => number;
}

export class PermissionRules {
	readonly #context: RuleContext;

	constructor(context: RuleContext) {
		this.#context = context;
	}

	list(): PermissionRule[] {
		return allRules(this.#context.store.read);
	}

	/** A rule that is there already is not made a second time. */
	add(asked: NewPermissionRule): { rule: PermissionRule; added: boolean } {
		const { decision, tool, subject = null, agent = null } = asked;
		const directory = asked.directory === undefined ? null : this.#directory(asked.directory);
		const wanted = { decision, tool, subject, agent, directory };
		const same = this.list().find((rule) =>
			Bun.deepEquals(wanted, { ...rule, id: undefined, createdAt: undefined }),
		);
		if (same) return { rule: same, added: false };
		const rule: PermissionRuleRow = { id: newId("pr"), ...wanted, createdAt: this.#context.now() };
		this.#context.store.change((change) => createRule(change, rule));
		return { rule, added: true };
	}

	/** Throws `rule_not_found`. */
	remove(id: string): void {
		this.#context.store.change((change) => deleteRule(change, id));
	}

	/** The rule that decides; null when none fits. One that allows has no answer to a question: that is left to a person. */
	decide(request: RuleSubject): PermissionRule | null {
		const rule = decidingRule(this.list(), request);
		return rule?.decision === "allow" && request.questions.length > 0 ? null : rule;
	}

	#directory(given: string): string {
		const { home } = this.#context;
		const path = given === "~" || given.startsWith("~/") ? home + given.slice(1) : given;
		if (!isAbsolute(path)) {
			throw new BerthError(
				"bad_request",
				`directory must be an absolute path, not ${JSON.stringify(given)}`,
				{
					field: "directory",
				},
			);
		}
		return resolve(path);
	}
}

export function decidingRule(
	rules: readonly PermissionRule[],
	request: Omit<RuleSubject, "questions">,
): PermissionRule | null {
	const fitting = rules.filter((rule) => ruleFits(rule, request));
	const left = fitting.filter((rule) => !fitting.some((other) => isNarrower(other, rule)));
	for (const decision of STRICTEST) {
		const found = left.find((rule) => rule.decision === decision);
		if (found) return found;
	}
	return null;
}

function ruleFits(
	{ decision, tool, subject, agent, directory }: PermissionRule,
	request: Omit<RuleSubject, "questions">,
): boolean {
	if (agent !== null && agent !== request.agent) return false;
	if (directory !== null && !isWithin(request.cwd, directory)) return false;
	if (!fits(tool, request.tool)) return false;
	if (subject === null) return true;
	if (decision !== "allow") return fits(subject, request.subject);
	return fitsSafely(subject, request.subject, !NO_COMMAND.has(request.kind));
}

function isWithin(path: string, directory: string): boolean {
	return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}

/** Both fit the same request: of two directories the longer is the deeper one. */
function isNarrower(one: PermissionRule, other: PermissionRule): boolean {
	const [a, b] = [demands(one), demands(other)];
	return a.every((demand, index) => demand >= b[index]!) && a.some((demand, index) => demand > b[index]!);
}

function demands({ tool, subject, agent, directory }: PermissionRule): number[] {
	return [strictness(tool), strictness(subject), agent === null ? 0 : 1, directory?.length ?? 0];
}
