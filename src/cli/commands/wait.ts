import { answer } from "../../client/client.ts";
import { EXIT, type Run, UsageError } from "../command.ts";
import type { wait } from "../registry/drive.ts";
import { readEscapes } from "../text/assignments.ts";

export const run: Run<typeof wait> = async (cli, { flags, operands }) => {
	const { text, regex, idle, prompt, exit } = flags;
	if (text === undefined && regex === undefined && idle === undefined && !prompt && !exit) {
		throw new UsageError("what to wait for is missing: --text, --regex, --idle, --prompt or --exit", "wait");
	}
	const api = await cli.api();
	const result = await answer(
		api.session(operands[0]!).wait.post({
			...(text === undefined ? {} : { text }),
			...(regex === undefined ? {} : { regex }),
			...(idle === undefined ? {} : { idleMs: Math.max(1, idle) }),
			...(prompt ? { prompt } : {}),
			...(exit ? { exit } : {}),
			...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
			...(flags.input === undefined ? {} : { input: readEscapes(flags.input) }),
		}),
	);
	if (flags.json) cli.printJson(result);
	else cli.print(result.match ?? result.status);
	return result.status === "timeout" ? EXIT.timeout : 0;
};
