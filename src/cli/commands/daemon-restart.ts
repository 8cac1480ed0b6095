import type { Run } from "../command.ts";
import { flagSettings } from "../daemon-flags.ts";
import { stopDaemon } from "../daemon-process.ts";
import type { daemonRestart } from "../registry/berth.ts";
import { startDaemon } from "../start-daemon.ts";

export const run: Run<typeof daemonRestart> = async (cli, { flags }) => {
	await stopDaemon(cli);
	await startDaemon(cli, flagSettings(flags, cli.cwd));
	const api = await cli.runningApi();
	const health = await api.health();
	if (flags.json) return cli.printJson(health);
	const live = (await api.listSessions(false)).length;
	cli.print(`the daemon runs (pid ${health.pid}, berth ${health.version}); sessions: ${live}`);
};
