import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import type { NewSession } from "../../contract/session.ts";
import { primaryWorker } from "../api.ts";
import { type Run, UsageError } from "../command.ts";
import { callerEnvironment } from "../environment.ts";
import type { create } from "../registry/sessions.ts";
import { newAgent } from "../text/agents.ts";
import { parseEnv, parseSize } from "../text/assignments.ts";

export const run: Run<typeof create> = async (cli, { flags, operands, argv }) => {
	if (argv && flags.shell !== undefined)
		throw new UsageError("--shell and a command exclude each other", "new");
	if (flags.port !== undefined && flags["no-port"]) {
		throw new UsageError("--port and --no-port exclude each other", "new");
	}
	if (flags.repo !== undefined && flags.cwd !== undefined)
		throw new UsageError("--repo and --cwd exclude each other", "new");
	if (flags.repo === undefined && (flags.branch !== undefined || flags.base !== undefined))
		throw new UsageError("--branch and --base need --repo", "new");
	const terminal = cli.stdinIsTerminal && cli.stdoutIsTerminal;
	const inside = cli.insideSession !== null && !flags.nest;
	const attaches = terminal && !flags.detach && !flags.json && !inside;

	if (flags.agent !== undefined && flags.shell !== undefined)
		throw new UsageError("--shell and --agent exclude each other", "new");
	const [name, prompt] = operands;
	const agent = newAgent(flags, { args: argv, prompt }, "new");
	const { like } = flags;
	// What the model has is not overwritten by where we happen to be.
	const here = like === undefined ? callerEnvironment(cli.env) : {};
	const input: NewSession = {
		...(like === undefined ? {} : { like }),
		...(flags.repo !== undefined
			? { kind: "worktree" as const, repository: flags.repo }
			: like === undefined || flags.cwd !== undefined
				? { cwd: resolve(cli.cwd, flags.cwd ?? ".") }
				: {}),
		...(flags.branch === undefined ? {} : { branch: flags.branch }),
		...(flags.base === undefined ? {} : { base: flags.base }),
		baseEnv: here,
		env: parseEnv(flags.env, cli.env, "new"),
		...(name === undefined ? {} : { name }),
		...(agent ? { agent } : argv ? { command: argv } : {}),
		...(flags.shell === undefined ? {} : { shell: flags.shell }),
		...(flags.tag.length === 0 ? {} : { tags: flags.tag }),
		...(flags["no-port"] ? { port: null } : flags.port === undefined ? {} : { port: flags.port }),
		...(flags.restart === undefined ? {} : { restart: flags.restart }),
		...(flags["idle-timeout"] === undefined
			? {}
			: { idleTimeoutSeconds: Math.max(1, Math.round(flags["idle-timeout"] / 1000)) }),
		...(flags.size === undefined ? (attaches ? cli.window : null) : parseSize(flags.size, "new")),
	};
	const api = await cli.api();
	const creating = answer(api.routes.sessions.post(input));
	// Loaded while the daemon makes it.
	const loading = attaches ? import("../attach/attach.ts") : null;
	const session = await creating;
	if (flags.json) return cli.printJson(session);
	if (loading !== null) {
		const { attachTo } = await loading;
		return attachTo(cli, api, session, primaryWorker(session), {});
	}
	cli.print(session.name);
	if (terminal && inside && !flags.detach) {
		cli.note(
			`berth: you are inside a session already, so ${session.name} was made and left detached; attach from another terminal, or use --nest`,
		);
	}
};
