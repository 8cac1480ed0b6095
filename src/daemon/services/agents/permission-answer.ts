/** What an answer to a request for permission means: which of the agent's options, or which rule of Berth's. */
import { checkAnswers } from "../../../contract/answers.ts";
import { BerthError } from "../../../contract/errors.ts";
import type { NewPermissionRule, PermissionAnswer, PermissionOption } from "../../../contract/permission.ts";
import type { Answers } from "../../../contract/question.ts";
import type { PermissionRow } from "../../../store/schema.ts";
import { literally } from "./rule-pattern.ts";

/** Characters of a pattern in a rule (contract/permission.ts). */
const PATTERN_LIMIT = 1000;

export interface CheckedAnswer {
	/** Null: just the decision, once. */
	optionId: string | null;
	/** Null for a request without questions, and for a denial. */
	answers: Answers | null;
	/** To be made when the answer has counted. */
	rule: NewPermissionRule | null;
}

/** Throws `bad_request`, and then nothing has been decided. */
export function checkAnswer(row: PermissionRow, answer: PermissionAnswer): CheckedAnswer {
	const { decision, always = false } = answer;
	const answers = answersOf(row, answer);
	const kind = decision === "allow" ? "allow" : "reject";
	const option = answer.option === undefined ? undefined : named(row, answer.option);
	if (option && !option.kind.startsWith(kind)) {
		const detail = `the option ${option.id} is ${option.kind}: it does not fit the decision ${decision}`;
		throw new BerthError("bad_request", detail, { field: "option" });
	}
	const standing = always ? row.options.find((each) => each.kind === `${kind}_always`) : undefined;
	const chosen = option ?? standing ?? null;
	const needsRule = always && !chosen?.kind.endsWith("_always");
	return { optionId: chosen?.id ?? null, answers, rule: needsRule ? standingRule(row, decision) : null };
}

function answersOf({ id, questions }: PermissionRow, answer: PermissionAnswer): Answers | null {
	const { decision, always = false, answers } = answer;
	if (decision === "deny" || questions.length === 0) {
		if (answers === undefined) return null;
		const why = decision === "deny" ? "a denial has no answers" : `${id} asks no questions`;
		throw new BerthError("bad_request", why, { field: "answers" });
	}
	if (always) {
		const detail = "answers are for these questions alone; answer without always";
		throw new BerthError("bad_request", detail, { field: "always" });
	}
	if (answers !== undefined) return checkAnswers(questions, answers);
	const detail = `it asks ${questions.length === 1 ? "a question" : "questions"}: send answers (berth permissions answer ${id} …)`;
	throw new BerthError("bad_request", detail, { field: "answers" });
}

function named({ options }: PermissionRow, id: string): PermissionOption {
	const option = options.find((each) => each.id === id);
	if (option) return option;
	const known = options.map((each) => each.id).join(", ");
	const detail = `the agent offered no option ${JSON.stringify(id)}; ${known === "" ? "it offered none" : `it offered ${known}`}`;
	throw new BerthError("bad_request", detail, { field: "option" });
}

/** This tool and subject, of this agent in this directory. A call without a subject stands for all of the tool's. */
function standingRule(
	{ tool, subject, agent, cwd }: PermissionRow,
	decision: "allow" | "deny",
): NewPermissionRule {
	const rule: NewPermissionRule = { decision, tool: literally(tool), agent, directory: cwd };
	if (subject !== "") rule.subject = literally(subject);
	if (rule.tool.length > PATTERN_LIMIT || (rule.subject?.length ?? 0) > PATTERN_LIMIT) {
		const detail = `a rule takes ${PATTERN_LIMIT} characters, and this call is longer; answer without always, or add a rule with a *`;
		throw new BerthError("bad_request", detail, { field: "always" });
	}
	return rule;
}
