import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { runningDaemon, stopDaemon } from "../daemon-process.ts";
import type { daemonStop } from "../registry/berth.ts";

export const run: Run<typeof daemonStop> = async (cli, { flags }) => {
	const live = await countLive(cli);
	const stopped = await stopDaemon(cli);
	if (flags.json) return cli.printJson({ status: stopped ? "stopped" : "not_running" });
	if (!stopped) return cli.print("the daemon does not run");
	const kept =
		live === 0 ? "" : live === 1 ? "; one session keeps running" : `; ${live} sessions keep running`;
	cli.print(`the daemon has stopped${live === null ? "; sessions keep running" : kept}`);
};

/** Null when the daemon hangs and cannot say. */
async function countLive(cli: Cli): Promise<number | null> {
	try {
		if ((await runningDaemon(cli)) === null) return null;
		return (await (await cli.runningApi()).listSessions(false)).length;
	} catch {
		// It is about to be ended for exactly that.
		return null;
	}
}
