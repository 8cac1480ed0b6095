/** Commands that do one thing to several sessions. */
import { BerthError } from "../contract/errors.ts";
import type { Session } from "../contract/session.ts";
import type { Api } from "./api.ts";
import type { Cli } from "./cli.ts";
import { EXIT, UsageError } from "./command.ts";
import { agreed } from "./confirm.ts";

export interface Bulk<T> {
	command: string;
	/** What `--all` stands for. */
	candidates: (api: Api) => Promise<Session[]>;
	/** "close", for the question. */
	verb: string;
	/** "closed", for the result. */
	done: string;
	act: (api: Api, ref: string) => Promise<T>;
}

interface Selection {
	operands: readonly string[];
	flags: { all: boolean; yes: boolean; json: boolean };
}

/** Does it to all of them, side by side; one that fails does not keep the others from it, and makes the status 1. */
export async function forEach<T>(cli: Cli, bulk: Bulk<T>, { operands, flags }: Selection): Promise<number> {
	if (flags.all === operands.length > 0) {
		const message = flags.all ? "--all and names exclude each other" : "name a session, or use --all";
		throw new UsageError(message, bulk.command);
	}
	const api = await cli.api();
	const refs = flags.all ? (await bulk.candidates(api)).map(({ name }) => name) : operands;
	if (flags.all && refs.length > 0 && !flags.yes && !(await agreed(cli, questionOf(bulk, refs))))
		return EXIT.failure;
	const results = await settleAll(refs, (ref) => bulk.act(api, ref));
	let status = 0;
	const answers: unknown[] = [];
	for (const [index, result] of results.entries()) {
		if (result.status === "fulfilled") {
			answers.push(result.value);
			if (!flags.json) cli.print(`${bulk.done} ${refs[index]}`);
			continue;
		}
		status = EXIT.failure;
		const error = BerthError.from(result.reason);
		answers.push(error.toProblem());
		if (!flags.json || refs.length === 1)
			cli.note(flags.json ? JSON.stringify(error.toProblem()) : `berth: ${error.message}`);
	}
	// One session: the API's answer as it is. Several: one answer each, in their order.
	if (flags.json && (refs.length !== 1 || flags.all)) cli.printJson(answers);
	else if (flags.json && status === 0) cli.printJson(answers[0]);
	return status;
}

/** Sessions that are worked on at a time: each ending makes the daemon look at the whole process table again and again. */
const AT_A_TIME = 8;

/** As Promise.allSettled over all of them, a few at a time. */
async function settleAll<T>(
	refs: readonly string[],
	act: (ref: string) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
	const results: PromiseSettledResult<T>[] = [];
	let next = 0;
	const work = async () => {
		while (next < refs.length) {
			const index = next++;
			[results[index]] = (await Promise.allSettled([act(refs[index]!)])) as [PromiseSettledResult<T>];
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_A_TIME, refs.length) }, work));
	return results;
}

function questionOf({ verb }: Bulk<unknown>, names: readonly string[]): string {
	return `${verb} ${names.length === 1 ? "one session" : `${names.length} sessions`}: ${names.join(" ")}?`;
}
