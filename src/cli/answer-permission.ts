/** `permissions allow`, `deny` and `answer`: one call, whose outcome is told. */
import { answer, pathPart } from "../client/client.ts";
import type { PermissionAnswer } from "../contract/permission.ts";
import { visibleLine } from "../contract/visible.ts";
import type { Cli } from "./cli.ts";

interface Given {
	operands: string[];
	flags: { always: boolean; option?: string | undefined; reason?: string | undefined; json: boolean };
}

export async function decideRequest(
	cli: Cli,
	decision: PermissionAnswer["decision"],
	{ operands, flags }: Given,
): Promise<void> {
	const { always, option, reason, json } = flags;
	await answerRequest(
		cli,
		operands[0]!,
		{
			decision,
			...(always ? { always } : {}),
			...(option === undefined ? {} : { option }),
			...(reason === undefined ? {} : { reason }),
		},
		json,
	);
}

export async function answerRequest(
	cli: Cli,
	id: string,
	given: PermissionAnswer,
	json: boolean,
): Promise<void> {
	const api = await cli.api();
	const permission = await answer(api.routes.permissions({ id: pathPart(id) }).answer.post(given));
	if (json) return cli.printJson(permission);
	const { decision, answers, title } = permission;
	const done = decision === "deny" ? "denied" : answers === null ? "allowed" : "answered";
	cli.print(`${done} ${permission.id}: ${visibleLine(title)}`);
}
