import { answer } from "../../client/client.ts";
import { isLive } from "../../contract/state.ts";
import type { RemovedWorktree } from "../../contract/worktree.ts";
import type { Api } from "../api.ts";
import { forEach } from "../bulk.ts";
import { type Run, UsageError } from "../command.ts";
import type { rm } from "../registry/sessions.ts";
import { parseTarget } from "../target.ts";

export const run: Run<typeof rm> = (cli, parsed) => {
	const { force, worktree, discard, json } = parsed.flags;
	if (discard && !worktree)
		throw new UsageError("--discard is about the worktree; it needs --worktree", "rm");
	return forEach(
		cli,
		{
			command: "rm",
			verb: "forget",
			done: "removed",
			// Ended ones only, also with --force: "rm --all --force" must not be the way to lose running work.
			candidates: async (api) => {
				const sessions = await api.listSessions(true);
				return sessions.filter(({ workers }) => !workers.some(({ state }) => isLive(state)));
			},
			act: async (api, target) => {
				if (force) await answer(api.target(target).kill.post());
				const { ref, worker } = parseTarget(target);
				if (worker !== null) return answer(api.worker(ref, worker).delete());
				if (!worktree) return answer(api.session(ref).delete());
				const deleted = await removeWithWorktree(api, ref, discard);
				if (deleted.worktree && !json) cli.note(sentenceAbout(deleted.worktree));
				return deleted;
			},
		},
		parsed,
	);
};

async function removeWithWorktree(api: Api, ref: string, discard: boolean) {
	return answer(api.session(ref).delete(undefined, { query: { worktree: true, force: discard } }));
}

function sentenceAbout({ path, branch, files, changed, commits, unmerged }: RemovedWorktree): string {
	const lost = [
		...(changed > 0 ? [`${changed} uncommitted (${files.join(", ")})`] : []),
		...(unmerged > 0 ? [`${unmerged} commits (${commits.join(", ")})`] : []),
	];
	const what = branch === null ? path : `${path} and the branch ${branch}`;
	return `berth: removed ${what}${lost.length === 0 ? "" : `; lost ${lost.join(" and ")}`}`;
}
