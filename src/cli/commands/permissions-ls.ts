import { answer } from "../../client/client.ts";
import type { Permission } from "../../contract/permission.ts";
import type { Session } from "../../contract/session.ts";
import { visibleLine } from "../../contract/visible.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { outcomeColour, outcomeText } from "../output/permission.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { permissionsLs } from "../registry/permissions.ts";
import { formatSpan } from "../text/time.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "AGENT" },
	{ title: "ASKED" },
	{ title: "STATE", shrinks: true },
	{ title: "WHAT", shrinks: true },
];
const STATE_COLUMN = 3;

export const run: Run<typeof permissionsLs> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const [session] = operands;
	const query = {
		...(flags.all ? {} : { state: "pending" as const }),
		...(session === undefined ? {} : { session }),
	};
	const permissions = await answer(api.routes.permissions.get({ query }));
	if (flags.json) return cli.printJson(permissions);
	if (permissions.length === 0)
		return cli.note(flags.all ? "no agent has asked for anything" : "nothing waits for an answer");
	const sessions = await api.listSessions(true);
	printTable(
		cli,
		columns,
		permissions.map((permission) => rowOf(permission, sessions, cli)),
		(text, column, row) =>
			column === STATE_COLUMN ? outcomeColour(permissions[row]!, cli.style)(text) : text,
	);
};

function rowOf(permission: Permission, sessions: readonly Session[], cli: Cli): string[] {
	const { id, createdAt, deadlineAt, state, title } = permission;
	const left = state === "pending" ? ` ${formatSpan(deadlineAt - cli.now())} more` : "";
	return [
		id,
		whoAsks(permission, sessions),
		`${formatSpan(cli.now() - createdAt)} ago`,
		outcomeText(permission) + left,
		visibleLine(title),
	];
}

/** REF/WORKER, as other commands take it. */
export function whoAsks({ sessionId, workerId }: Permission, sessions: readonly Session[]): string {
	const session = sessions.find(({ id }) => id === sessionId);
	const worker = session?.workers.find(({ id }) => id === workerId);
	return `${session?.name ?? sessionId}/${worker?.name ?? workerId}`;
}
