import { BerthError } from "../../contract/errors.ts";
import type { Run } from "../command.ts";
import { flagSettings } from "../daemon-flags.ts";
import { runningDaemon } from "../daemon-process.ts";
import type { daemonStart } from "../registry/berth.ts";
import { startDaemon } from "../start-daemon.ts";

export const run: Run<typeof daemonStart> = async (cli, { flags }) => {
	const settings = flagSettings(flags, cli.cwd);
	const before = await runningDaemon(cli);
	if (before !== null && Object.keys(settings).length > 0) {
		throw new BerthError(
			"daemon_running",
			`a daemon runs already (pid ${before.pid}) with settings of its own; berth daemon restart takes the same flags, sessions keep running`,
		);
	}
	if (before === null) await startDaemon(cli, settings);
	const health = before ?? (await (await cli.runningApi()).health());
	if (flags.json) cli.printJson(health);
	else
		cli.print(`the daemon ${before ? "runs already" : "runs"} (pid ${health.pid}, berth ${health.version})`);
};
