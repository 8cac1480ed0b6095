import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Session } from "../../contract/session.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type Run } from "../command.ts";
import { agreed } from "../confirm.ts";
import { itemOf, type Plan, type PlanItem, planImport } from "../import/plan.ts";
import { readForeign } from "../import/shapes.ts";
import { takeOver } from "../import/take.ts";
import type { importCommand } from "../registry/import.ts";
import { tildePath } from "../text/paths.ts";
import { printable } from "../text/printable.ts";

interface Outcome extends Omit<PlanItem, "action"> {
	action: PlanItem["action"] | "taken" | "failed";
	session: Session | null;
}

export const run: Run<typeof importCommand> = async (cli, { flags, operands }) => {
	const file = resolve(cli.cwd, operands[0]!);
	const foreigners = readForeign(readText(file), operands[0]!);
	const api = await cli.api();
	const sessions = await api.listSessions(true);
	const { agents } = await answer(api.routes.agents.get({ query: {} }));
	const startable = new Set(
		agents.filter((each) => each.available.includes(each.driver)).map(({ id }) => id),
	);
	const plans = planImport(foreigners, {
		sessions,
		hasAgent: (definition) => startable.has(definition),
		hasShell: (shell) => Bun.which(shell, { PATH: cli.env.PATH ?? "" }) !== null,
	});
	if (!flags.json) showPlan(cli, plans);
	const todo = plans.filter(({ action }) => action === "take");
	const goOn =
		!flags["dry-run"] && todo.length > 0 && (flags.yes || (await agreed(cli, `take over ${todo.length}?`)));
	const outcomes: Outcome[] = [];
	for (const plan of plans) {
		const outcome =
			goOn && plan.action === "take" ? await take(api, plan) : { ...itemOf(plan), session: null };
		outcomes.push(outcome);
		if (!flags.json && goOn) tell(cli, plan, outcome);
	}
	if (flags.json) cli.printJson({ file, dryRun: flags["dry-run"], sessions: outcomes });
	return outcomes.some(({ action }) => action === "failed") ? EXIT.failure : 0;
};

/** One that fails keeps no other from being taken. */
async function take(api: Parameters<typeof takeOver>[0], plan: Plan): Promise<Outcome> {
	try {
		const { session, notes } = await takeOver(api, plan);
		return { ...itemOf(plan), notes, action: "taken", session };
	} catch (error) {
		const { message } = BerthError.from(error);
		return { ...itemOf(plan), action: "failed", reason: message, session: null };
	}
}

function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
		throw new BerthError("bad_request", `${file}: ${why}`, { field: "file" }, error);
	}
}

function showPlan(cli: Cli, plans: readonly Plan[]): void {
	if (plans.length === 0) cli.print("the file holds no sessions");
	for (const { action, name, cwd, reason, notes } of plans) {
		const where = cwd === "" ? "" : `  ${cli.style.dim(printable(tildePath(cwd, cli.env.HOME)))}`;
		const why = reason === null ? "" : `: ${printable(reason)}`;
		cli.print(`${action.padEnd(5)}  ${cli.style.bold(printable(name))}${where}${why}`);
		for (const note of notes) cli.print(`       ${cli.style.dim(printable(note))}`);
	}
}

function tell(cli: Cli, plan: Plan, { action, name, reason, notes }: Outcome): void {
	if (action === "taken") cli.print(`taken over ${name}`);
	if (action === "failed") cli.note(`berth: ${name} was not taken over: ${printable(reason ?? "")}`);
	for (const note of notes.slice(plan.notes.length)) cli.note(`berth: ${name}: ${note}`);
}
