import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import { quoteArgv, shellKind } from "../../platform/quote.ts";
import type { Api } from "../api.ts";
import { EXIT, type Run, UsageError } from "../command.ts";
import type { run as spec } from "../registry/drive.ts";

/** A worker that was added has a program of its own; the session's shell is the first one's. */
async function shellOf(api: Api, target: string): Promise<string> {
	const { session, worker } = await api.getTarget(target);
	return worker.id === session.workers[0]?.id ? session.shell : worker.command[0]!;
}

export const run: Run<typeof spec> = async (cli, { flags, operands, argv }) => {
	const [ref, text] = operands as [string, string?];
	if ((text === undefined) === (argv === null)) {
		throw new UsageError(
			argv ? "give either TEXT or a command after --, not both" : "the command is missing",
			"run",
		);
	}
	if (flags["on-timeout"] !== undefined && flags.timeout === undefined) {
		throw new UsageError("--on-timeout needs --timeout", "run");
	}
	const api = await cli.api();
	const command = argv === null ? text! : quoteArgv(argv, shellKind(await shellOf(api, ref)));
	const result = await answer(
		api.target(ref).run.post({
			command,
			...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
			...(flags["on-timeout"] === undefined ? {} : { onTimeout: flags["on-timeout"] }),
		}),
	);
	if (flags.json) cli.printJson(result);
	else {
		if (result.truncatedBytes > 0) {
			cli.note(`berth: the first ${result.truncatedBytes} bytes of the output are no longer kept`);
		}
		cli.write(result.output);
	}
	switch (result.status) {
		case "completed":
		case "interrupted":
			if (result.status === "interrupted" && flags.timeout !== undefined) {
				cli.note(`berth: interrupted after ${flags.timeout} ms`);
				return EXIT.timeout;
			}
			return result.exitCode ?? EXIT.failure;
		case "timeout":
			cli.note(
				`berth: the command still runs in ${ref}; berth attach ${ref} shows it, berth keys ${ref} C-c interrupts it`,
			);
			return EXIT.timeout;
		case "exited":
			if (result.exitCode !== null) return result.exitCode;
			throw new BerthError(
				"session_ended",
				`the shell of ${ref} ended before the command did; berth logs ${ref} shows how`,
			);
	}
};
