/** All commands in the order in which help lists them, each with the code that carries it out, loaded when it is called. */
import type { hookKinds } from "../../contract/words.ts";
import type { Run } from "../command.ts";
import type { CommandSpec, Parsed } from "../command-spec.ts";
import * as agents from "./agents.ts";
import * as berth from "./berth.ts";
import * as drive from "./drive.ts";
import { importCommand } from "./import.ts";
import * as permissions from "./permissions.ts";
import * as prompts from "./prompts.ts";
import * as read from "./read.ts";
import * as repositories from "./repositories.ts";
import * as sessions from "./sessions.ts";
import * as workers from "./workers.ts";

export interface Command {
	spec: CommandSpec;
	load: () => Promise<Run>;
}

function command<C extends CommandSpec>(spec: C, load: () => Promise<{ run: Run<C> }>): Command {
	// The parser built `parsed` from this very spec, so it has the shape that this command's code was typed with.
	return {
		spec,
		load: async () =>
			(
				(run) => (cli, parsed) =>
					run(cli, parsed as Parsed<C>)
			)((await load()).run),
	};
}

function hook(kind: (typeof hookKinds)[number]) {
	return async () => ({ run: (await import("../commands/hook.ts")).hooks[kind] });
}

export const commands: readonly Command[] = [
	command(sessions.create, () => import("../commands/new.ts")),
	command(sessions.ls, () => import("../commands/ls.ts")),
	command(sessions.info, () => import("../commands/info.ts")),
	command(sessions.close, () => import("../commands/close.ts")),
	command(sessions.kill, () => import("../commands/kill.ts")),
	command(sessions.restart, () => import("../commands/restart.ts")),
	command(sessions.pause, () => import("../commands/pause.ts")),
	command(sessions.resume, () => import("../commands/resume.ts")),
	command(sessions.rename, () => import("../commands/rename.ts")),
	command(sessions.tag, () => import("../commands/tag.ts")),
	command(sessions.rm, () => import("../commands/rm.ts")),
	command(workers.workerLs, () => import("../commands/worker-ls.ts")),
	command(workers.workerAdd, () => import("../commands/worker-add.ts")),
	command(workers.workerRename, () => import("../commands/worker-rename.ts")),
	command(workers.workerRm, () => import("../commands/worker-rm.ts")),
	command(repositories.repoAdd, () => import("../commands/repo-add.ts")),
	command(repositories.repoLs, () => import("../commands/repo-ls.ts")),
	command(repositories.repoRm, () => import("../commands/repo-rm.ts")),
	command(drive.attach, () => import("../commands/attach.ts")),
	command(drive.run, () => import("../commands/run.ts")),
	command(drive.exec, () => import("../commands/exec.ts")),
	command(drive.send, () => import("../commands/send.ts")),
	command(drive.keys, () => import("../commands/keys.ts")),
	command(drive.wait, () => import("../commands/wait.ts")),
	command(agents.agentExplain, () => import("../commands/agent-explain.ts")),
	command(prompts.prompt, () => import("../commands/prompt.ts")),
	command(prompts.promptsLs, () => import("../commands/prompts-ls.ts")),
	command(prompts.promptsCancel, () => import("../commands/prompts-cancel.ts")),
	command(prompts.interrupt, () => import("../commands/interrupt.ts")),
	command(drive.signal, () => import("../commands/signal.ts")),
	command(permissions.permissionsLs, () => import("../commands/permissions-ls.ts")),
	command(permissions.permissionsShow, () => import("../commands/permissions-show.ts")),
	command(permissions.permissionsAllow, () => import("../commands/permissions-allow.ts")),
	command(permissions.permissionsAnswer, () => import("../commands/permissions-answer.ts")),
	command(permissions.permissionsDeny, () => import("../commands/permissions-deny.ts")),
	command(permissions.permissionRulesLs, () => import("../commands/permission-rules-ls.ts")),
	command(permissions.permissionRulesAdd, () => import("../commands/permission-rules-add.ts")),
	command(permissions.permissionRulesRm, () => import("../commands/permission-rules-rm.ts")),
	command(read.screen, () => import("../commands/screen.ts")),
	command(read.output, () => import("../commands/output.ts")),
	command(prompts.conversation, () => import("../commands/conversation.ts")),
	command(read.logs, () => import("../commands/logs.ts")),
	command(read.exportCommand, () => import("../commands/export.ts")),
	command(read.events, () => import("../commands/events.ts")),
	command(berth.ui, () => import("../commands/ui.ts")),
	command(berth.docs, () => import("../commands/docs.ts")),
	command(berth.tokenCreate, () => import("../commands/token-create.ts")),
	command(berth.tokenLs, () => import("../commands/token-ls.ts")),
	command(berth.tokenRevoke, () => import("../commands/token-revoke.ts")),
	command(berth.daemonStart, () => import("../commands/daemon-start.ts")),
	command(berth.daemonStop, () => import("../commands/daemon-stop.ts")),
	command(berth.daemonRestart, () => import("../commands/daemon-restart.ts")),
	command(berth.daemonStatus, () => import("../commands/daemon-status.ts")),
	command(berth.daemonLogs, () => import("../commands/daemon-logs.ts")),
	command(agents.agentLs, () => import("../commands/agent-ls.ts")),
	command(agents.agentShow, () => import("../commands/agent-show.ts")),
	command(agents.agentAdd, () => import("../commands/agent-add.ts")),
	command(agents.agentRm, () => import("../commands/agent-rm.ts")),
	command(agents.agentDetect, () => import("../commands/agent-detect.ts")),
	command(agents.agentSet, () => import("../commands/agent-set.ts")),
	command(agents.agentRun, () => import("../commands/agent-run.ts")),
	command(importCommand, () => import("../commands/import.ts")),
	command(berth.doctor, () => import("../commands/doctor.ts")),
	command(berth.completion, () => import("../commands/completion.ts")),
	command(berth.version, () => import("../commands/version.ts")),
	command(berth.help, () => import("../commands/help.ts")),
	command(permissions.hookClaude, hook("claude")),
	command(permissions.hookCodex, hook("codex")),
	command(permissions.hookOpencode, hook("opencode")),
	command(berth.complete, () => import("../commands/complete.ts")),
];
