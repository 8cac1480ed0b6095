import { answer } from "../../client/client.ts";
import type { Agent } from "../../contract/agent.ts";
import type { Session, Worker } from "../../contract/session.ts";
import type { WorktreeState } from "../../contract/worktree.ts";
import { quoteArgv } from "../../platform/quote.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { evidenceText, exitValue, stateColour, workerStateText } from "../output/state.ts";
import type { info } from "../registry/sessions.ts";
import { tildePath } from "../text/paths.ts";
import { printable } from "../text/printable.ts";
import { formatSpan, formatTime } from "../text/time.ts";

/** Cells for the labels. */
const LABEL_WIDTH = 12;

export const run: Run<typeof info> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const session = await api.getSession(operands[0]!);
	const worktree = session.worktree && (await answer(api.session(session.id).worktree.get()));
	if (flags.json) return cli.printJson(worktree ? { ...session, worktree } : session);
	const lines = [
		...aboutSession(session, cli),
		...(worktree ? aboutWorktree(worktree, cli) : []),
		...session.workers.flatMap((worker) => ["", ...aboutWorker(worker, cli)]),
	];
	cli.write(`${lines.join("\n")}\n`);
};

function aboutSession(session: Session, cli: Cli): string[] {
	const idle = session.idleTimeoutSeconds;
	return fields(cli, [
		["session", `${cli.style.bold(session.name)}  ${cli.style.dim(session.id)}`],
		["directory", tildePath(session.cwd, cli.env.HOME)],
		["shell", session.shell],
		["port", session.port === null ? "none" : String(session.port)],
		["tags", session.tags.join(" ") || "none"],
		["made", `${formatTime(session.createdAt)} (${formatSpan(cli.now() - session.createdAt)} ago)`],
		["last active", `${formatSpan(cli.now() - session.lastActiveAt)} ago`],
		...(session.pausedAt === undefined
			? []
			: [["paused", `${formatSpan(cli.now() - session.pausedAt)} ago`] as const]),
		["restart", session.restart],
		["idle limit", idle === null ? "none" : formatSpan(idle * 1000)],
		["size policy", session.sizePolicy],
	]);
}

function aboutWorktree(worktree: WorktreeState, cli: Cli): string[] {
	const { repository, branch, base, head, exists, changed, ahead, unmerged, unpushed } = worktree;
	const rows: [string, string][] = [
		["repository", tildePath(repository, cli.env.HOME)],
		["branch", `${branch}, from ${base}`],
	];
	if (!exists) return fields(cli, [...rows, ["worktree", `${worktree.path} is gone`]]);
	rows.push(
		["at commit", head ?? "none"],
		["uncommitted", changed === 0 ? "nothing" : `${changed} ${changed === 1 ? "file" : "files"}`],
		["commits", `${ahead} ahead of ${base}, ${unmerged} on no other branch`],
		["unpushed", unpushed === null ? "no remote" : String(unpushed)],
	);
	return fields(cli, rows);
}

function aboutWorker(worker: Worker, cli: Cli): string[] {
	const rows: [string, string][] = [
		["worker", `${cli.style.bold(worker.name)}  ${cli.style.dim(worker.id)}`],
		["state", stateColour(worker, cli.style)(workerStateText(worker, cli.now()))],
	];
	if (worker.kind === "agent") rows.push(...aboutAgent(worker.agent, cli));
	if (worker.exit) rows.push(["exit", `${exitValue(worker.exit)} (${worker.exit.reason})`]);
	rows.push(
		["command", quoteArgv(worker.command, "posix")],
		["directory", tildePath(worker.cwd, cli.env.HOME)],
		["process", worker.pid === null ? "none" : String(worker.pid)],
		["size", `${worker.cols}x${worker.rows}`],
		["viewers", String(worker.viewers)],
		["output", `${worker.offset} bytes, generation ${worker.generation}`],
	);
	if (worker.title !== "") rows.push(["title", printable(worker.title)]);
	if (worker.startedAt !== null) rows.push(["started", formatTime(worker.startedAt)]);
	if (worker.endedAt !== null) rows.push(["ended", formatTime(worker.endedAt)]);
	if (worker.restarts > 0) rows.push(["restarts", `${worker.restarts} in a row`]);
	return fields(cli, rows);
}

function aboutAgent(agent: Agent, cli: Cli): [string, string][] {
	const { definition, driver, model, mode, args, conversation, prompts, permissions, status } = agent;
	const rows: [string, string][] = [
		["told by", evidenceText(status.evidence, cli.now())],
		["agent", `${definition}, ${driver}`],
		["model", model ?? "its own choice"],
		["mode", mode ?? "its own choice"],
	];
	if (args.length > 0) rows.push(["arguments", quoteArgv(args, "posix")]);
	if (conversation !== null) rows.push(["conversation", conversation]);
	if (prompts > 0) rows.push(["waiting", prompts === 1 ? "1 prompt" : `${prompts} prompts`]);
	if (permissions > 0) rows.push(["asks", `${permissions}: berth permissions ls`]);
	return rows;
}

function fields(cli: Cli, rows: readonly (readonly [string, string])[]): string[] {
	return rows.map(([label, value]) => `${cli.style.dim(label.padEnd(LABEL_WIDTH))}  ${value}`);
}
