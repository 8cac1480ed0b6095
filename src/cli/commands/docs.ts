import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import { readDaemonFile } from "../../platform/daemon-file.ts";
import { openBrowser } from "../browser.ts";
import type { Run } from "../command.ts";
import type { docs } from "../registry/berth.ts";

export const run: Run<typeof docs> = async (cli, { flags }) => {
	const api = await cli.api();
	await answer(api.routes.health.get({ query: {} }));
	const base = readDaemonFile(cli.paths)?.url ?? null;
	if (base === null) {
		throw new BerthError(
			"bad_request",
			"the daemon has no TCP port; set port in config.toml or BERTH_PORT and restart it",
		);
	}
	const url = `${base}/docs`;
	if (flags.json) return cli.printJson({ url });
	if (!flags.print && cli.stdoutIsTerminal && openBrowser(url, cli.env))
		return cli.print("opened in your browser");
	cli.print(url);
};
