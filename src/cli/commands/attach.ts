import { BerthError } from "../../contract/errors.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { type Api, primaryWorker } from "../api.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import type { attach } from "../registry/drive.ts";

export const run: Run<typeof attach> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const target = operands[0] === undefined ? latest(api) : api.getTarget(operands[0]);
	// Loaded while the daemon looks it up.
	const loading = import("../attach/attach.ts");
	const { session, worker } = await target;
	if (flags.json) return cli.printJson(session);
	refuseNesting(cli, session, flags.nest);
	const { attachTo } = await loading;
	return attachTo(cli, api, session, worker, {
		readOnly: flags["read-only"],
		noResize: flags["no-resize"],
		...(flags.scrollback === undefined ? {} : { scrollback: flags.scrollback }),
		...(flags["detach-keys"] === undefined ? {} : { detachKeys: flags["detach-keys"] }),
	});
};

async function latest(api: Api): Promise<{ session: Session; worker: Worker }> {
	const sessions = await api.listSessions(false);
	const last = sessions.sort((a, b) => a.lastActiveAt - b.lastActiveAt).at(-1);
	if (!last) throw new BerthError("session_not_found", "nothing runs; berth new makes a session");
	return { session: last, worker: primaryWorker(last) };
}

/** A session that shows itself would feed its own output back for ever; another one is fine when it is meant. */
function refuseNesting(cli: Cli, session: Session, meant: boolean): void {
	const inside = cli.insideSession;
	if (inside === session.id) {
		throw new BerthError("bad_request", `this terminal is the session ${session.name} already`);
	}
	if (inside !== null && !meant) {
		throw new BerthError(
			"bad_request",
			"this terminal is inside a session already; leave it first, or use --nest",
		);
	}
}
