import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { DaemonWaitRequest, WaitResult } from "../../contract/io.ts";
import { signalNumber } from "../../contract/signals.ts";
import { shellStatus } from "../../contract/state.ts";
import type { Api } from "../api.ts";
import { EXIT, type Run, UsageError } from "../command.ts";
import type { wait } from "../registry/drive.ts";
import { readEscapes } from "../text/assignments.ts";

export const run: Run<typeof wait> = async (cli, { flags, operands }) => {
	const { text, regex, idle, prompt, exit, state } = flags;
	if (
		[text, regex, idle, prompt || undefined, exit || undefined, state[0]].every((flag) => flag === undefined)
	) {
		const conditions = "--text, --regex, --idle, --prompt, --exit or --state";
		throw new UsageError(`what to wait for is missing: ${conditions}`, "wait");
	}
	const api = await cli.api();
	const ref = operands[0]!;
	const result = await waitFor(api, ref, {
		...(text === undefined ? {} : { text }),
		...(regex === undefined ? {} : { regex }),
		...(idle === undefined ? {} : { idleMs: Math.max(1, idle) }),
		...(prompt ? { prompt } : {}),
		...(exit ? { exit } : {}),
		...(state.length > 0 ? { state: [...new Set(state)] } : {}),
		...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
		...(flags.input === undefined ? {} : { input: readEscapes(flags.input) }),
	});
	if (flags.json) cli.printJson(result);
	else cli.print(result.match ?? result.state ?? result.status);
	if (result.status === "timeout") return EXIT.timeout;
	// The agent has ended, and will not come into the state any more.
	return result.status === "exit" && state.length > 0 && !exit ? EXIT.failure : 0;
};

/** An exit that came before the wait began is an exit all the same. */
async function waitFor(api: Api, ref: string, request: DaemonWaitRequest): Promise<WaitResult> {
	try {
		return await answer(api.target(ref).wait.post(request));
	} catch (error) {
		if (!request.exit || !(error instanceof BerthError)) throw error;
		const { exit, offset } = (await api.getTarget(ref)).worker;
		if (exit === null) throw error;
		return {
			status: "exit",
			match: null,
			groups: [],
			offset,
			exitCode: exit && shellStatus(exit, signalNumber),
		};
	}
}
