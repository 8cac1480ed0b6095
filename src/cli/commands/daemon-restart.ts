import type { Run } from "../command.ts";
import { runningDaemon, stopDaemon } from "../daemon-process.ts";
import type { daemonRestart } from "../registry/berth.ts";
import { startDaemon } from "../start-daemon.ts";

export const run: Run<typeof daemonRestart> = async (cli, { flags }) => {
	const before = await runningDaemon(cli);
	if (before !== null) await stopDaemon(before);
	await startDaemon(cli);
	const api = await cli.runningApi();
	const health = await api.health();
	if (flags.json) return cli.printJson(health);
	const live = (await api.listSessions(false)).length;
	cli.print(`the daemon runs (pid ${health.pid}, berth ${health.version}); sessions: ${live}`);
};
