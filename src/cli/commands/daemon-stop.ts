import type { Run } from "../command.ts";
import { runningDaemon, stopDaemon } from "../daemon-process.ts";
import type { daemonStop } from "../registry/berth.ts";

export const run: Run<typeof daemonStop> = async (cli, { flags }) => {
	const health = await runningDaemon(cli);
	if (health === null) {
		if (flags.json) cli.printJson(null);
		else cli.print("the daemon does not run");
		return;
	}
	const live = (await (await cli.runningApi()).listSessions(false)).length;
	await stopDaemon(health);
	if (flags.json) return cli.printJson(health);
	const kept = live === 0 ? "" : `; ${live === 1 ? "one session keeps" : `${live} sessions keep`} running`;
	cli.print(`the daemon has stopped${kept}`);
};
