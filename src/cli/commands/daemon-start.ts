import type { Run } from "../command.ts";
import { runningDaemon } from "../daemon-process.ts";
import type { daemonStart } from "../registry/berth.ts";
import { startDaemon } from "../start-daemon.ts";

export const run: Run<typeof daemonStart> = async (cli, { flags }) => {
	const before = await runningDaemon(cli);
	if (before === null) await startDaemon(cli);
	const health = before ?? (await (await cli.runningApi()).health());
	if (flags.json) cli.printJson(health);
	else
		cli.print(`the daemon ${before ? "runs already" : "runs"} (pid ${health.pid}, berth ${health.version})`);
};
