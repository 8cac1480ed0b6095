/** What a person fills in for a new session, and the request that it becomes. */
import { type AgentDraft, agentRequest, newAgentDraft, type Runs } from "./agents/draft.ts";
import { parseEnv, splitArgv } from "./argv.ts";
import { commandText } from "./format.ts";
import type { NewSession, Session } from "./types.ts";

export interface SessionDraft {
	/** Id of a session to be like; it lends what the page is not told: its environment. */
	like: string | null;
	name: string;
	place: "directory" | "worktree";
	cwd: string;
	/** Id of a registered repository. */
	repository: string;
	branch: string;
	base: string;
	runs: Runs;
	command: string;
	shell: string;
	agent: AgentDraft;
	env: string;
	cols: string;
	rows: string;
	tags: string;
	/** Minutes. */
	idle: string;
	restart: NonNullable<NewSession["restart"]>;
	sizePolicy: NonNullable<NewSession["sizePolicy"]>;
}

/** The API tells argv, not whether it was made as a shell: a shell without arguments was. */
const SHELL = /(^|\/)(ba|z|fi|da|k|mk|tc|c|a|nu|)sh$/;

export function draftLike(session: Session | null, repository: string | undefined): SessionDraft {
	const command = session?.workers[0]?.command ?? [];
	const isShell = command.length === 1 && SHELL.test(command[0]!);
	return {
		like: session?.id ?? null,
		name: "",
		place: repository === undefined ? "directory" : "worktree",
		cwd: session?.cwd ?? "",
		repository: repository ?? "",
		branch: "",
		base: "",
		runs: session && !isShell ? "command" : "shell",
		command: session && !isShell ? commandText(command) : "",
		shell: session && isShell ? session.shell : "",
		agent: newAgentDraft(),
		env: "",
		cols: "",
		rows: "",
		tags: session?.tags.join(" ") ?? "",
		idle: session?.idleTimeoutSeconds ? String(Math.round(session.idleTimeoutSeconds / 60)) : "",
		restart: session?.restart ?? "no",
		sizePolicy: session?.sizePolicy ?? "latest",
	};
}

/** Throws `invalid_command` and `bad_request` for what cannot be read. */
export function requestOf(draft: SessionDraft): NewSession {
	const body: NewSession = {};
	const name = draft.name.trim();
	if (name !== "") body.name = name;
	Object.assign(body, placeOf(draft));
	if (draft.runs === "command") body.command = splitArgv(draft.command);
	else if (draft.runs === "agent") body.agent = agentRequest(draft.agent);
	else if (draft.shell.trim() !== "") body.shell = draft.shell.trim();
	if (draft.env.trim() !== "") body.env = parseEnv(draft.env);
	if (draft.cols !== "") body.cols = Number(draft.cols);
	if (draft.rows !== "") body.rows = Number(draft.rows);
	const tags = draft.tags.trim();
	if (tags !== "") body.tags = tags.split(/[\s,]+/);
	if (draft.idle !== "") body.idleTimeoutSeconds = Math.round(Number(draft.idle) * 60);
	if (draft.restart !== "no") body.restart = draft.restart;
	if (draft.sizePolicy !== "latest") body.sizePolicy = draft.sizePolicy;
	// The form shows what the model has: what was emptied there is not taken from it after all.
	const { like, restart, sizePolicy } = draft;
	return like === null ? body : { tags: [], idleTimeoutSeconds: null, ...body, like, restart, sizePolicy };
}

function placeOf({ place, cwd, repository, branch, base }: SessionDraft): NewSession {
	if (place === "directory") {
		const directory = cwd.trim().replace(/(?<=.)\/+$/, "");
		return directory === "" ? {} : { cwd: directory };
	}
	return {
		kind: "worktree",
		...(repository === "" ? {} : { repository }),
		...(branch.trim() === "" ? {} : { branch: branch.trim() }),
		...(base.trim() === "" ? {} : { base: base.trim() }),
	};
}
