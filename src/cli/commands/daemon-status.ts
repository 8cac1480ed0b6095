import { readDaemonFile } from "../../platform/daemon-file.ts";
import { EXIT, type Run } from "../command.ts";
import { runningDaemon } from "../daemon-process.ts";
import type { daemonStatus } from "../registry/berth.ts";
import { tildePath } from "../text/paths.ts";
import { formatSpan, formatTime } from "../text/time.ts";

export const run: Run<typeof daemonStatus> = async (cli, { flags }) => {
	const health = await runningDaemon(cli);
	if (health === null) {
		if (flags.json) cli.printJson(null);
		else cli.print("the daemon does not run; any command starts it, or berth daemon start");
		return EXIT.failure;
	}
	if (flags.json) return cli.printJson(health);
	const live = (await (await cli.runningApi()).listSessions(false)).length;
	const rows: [string, string][] = [
		["daemon", `runs (pid ${health.pid}, berth ${health.version})`],
		["since", `${formatTime(health.startedAt)} (${formatSpan(cli.now() - health.startedAt)})`],
		["sessions", String(live)],
		["socket", tildePath(cli.paths.daemonSocket, cli.env.HOME)],
		["address", readDaemonFile(cli.paths)?.url ?? "none"],
		["state", tildePath(cli.paths.state, cli.env.HOME)],
		["log", tildePath(cli.paths.daemonLog, cli.env.HOME)],
	];
	cli.write(rows.map(([label, value]) => `${cli.style.dim(label.padEnd(8))}  ${value}\n`).join(""));
};
