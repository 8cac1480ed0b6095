import { answer } from "../../client/client.ts";
import { openBrowser } from "../browser.ts";
import type { Run } from "../command.ts";
import type { ui } from "../registry/berth.ts";

export const run: Run<typeof ui> = async (cli, { flags }) => {
	const api = await cli.api();
	const ticket = await answer(api.routes.login.tickets.post());
	if (flags.json) return cli.printJson(ticket);
	if (!flags.print && cli.stdoutIsTerminal && openBrowser(ticket.url, cli.env))
		return cli.print("opened in your browser");
	cli.print(ticket.url);
	if (cli.stdoutIsTerminal) cli.note("berth: open it within a minute; it works once");
};
