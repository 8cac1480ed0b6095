/** `allow` and `deny`: the same but for the word. */
import { answer, pathPart } from "../../client/client.ts";
import type { PermissionAnswer } from "../../contract/permission.ts";
import { visibleLine } from "../../contract/visible.ts";
import type { Cli } from "../cli.ts";

interface Given {
	operands: string[];
	flags: { always: boolean; option?: string | undefined; reason?: string | undefined; json: boolean };
}

export async function answerRequest(
	cli: Cli,
	decision: PermissionAnswer["decision"],
	{ operands, flags }: Given,
): Promise<void> {
	const { always, option, reason, json } = flags;
	const api = await cli.api();
	const permission = await answer(
		api.routes.permissions({ id: pathPart(operands[0]!) }).answer.post({
			decision,
			...(always ? { always } : {}),
			...(option === undefined ? {} : { option }),
			...(reason === undefined ? {} : { reason }),
		}),
	);
	if (json) return cli.printJson(permission);
	const done = decision === "allow" ? "allowed" : "denied";
	cli.print(`${done} ${permission.id}: ${visibleLine(permission.title)}`);
}
