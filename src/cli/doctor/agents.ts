/** Definitions of agents that are files of the user's. */
import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Cli } from "../cli.ts";
import { tildePath } from "../text/paths.ts";
import { type Finding, ok, warn } from "./check.ts";

/** Only the daemon reads them; none is started to ask it. */
export async function checkAgents(cli: Cli): Promise<Finding[]> {
	try {
		const query = { path: cli.env.PATH };
		const { agents, broken } = await answer((await cli.runningApi()).routes.agents.get({ query }));
		const installed = agents.filter(({ available }) => available.length > 0).map(({ id }) => id);
		return [
			ok("agents", installed.length === 0 ? "none is installed" : `installed: ${installed.join(", ")}`),
			...broken.map(({ file, reason }) =>
				warn("agents", `${tildePath(file, cli.env.HOME)}: ${reason}`, "correct the file, or remove it"),
			),
		];
	} catch (error) {
		if (!(error instanceof BerthError) || error.code !== "daemon_unreachable") throw error;
		return [ok("agents", "looked at when the daemon runs")];
	}
}
