/** How the git worktree of a session stands, in words. */
import { answer, sessionApi } from "./api/berth.ts";
import { sentence } from "./api/errors.ts";
import { plural } from "./format.ts";
import type { Session, WorktreeState } from "./types.ts";

/** As git tells it now; the sentence of what went wrong when it cannot be told. */
export async function readWorktree(session: Session): Promise<WorktreeState | string> {
	try {
		return await answer(sessionApi(session.id).worktree.get());
	} catch (error) {
		return sentence(error);
	}
}

export function summary({ exists, changed, ahead, unpushed, base }: WorktreeState): string {
	if (!exists) return "Somebody removed it";
	const parts = [
		...(changed > 0 ? [`${plural(changed, "file")} not committed`] : []),
		...(ahead > 0 ? [`${plural(ahead, "commit")} ahead of ${base}`] : []),
		...(unpushed !== null && unpushed > 0 ? [`${unpushed} not pushed`] : []),
	];
	return parts.length === 0 ? `Clean, nothing ahead of ${base}` : parts.join(" · ");
}
