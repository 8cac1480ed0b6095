/** Events as sentences for people. */
import type { AgentState } from "../../../src/contract/words.ts";
import { stateWord } from "./agents/state.ts";
import { commandText, duration, exitText } from "./format.ts";
import type { Event, Exit } from "./types.ts";

export const kinds = [
	"session",
	"worker",
	"agent",
	"prompt",
	"permission",
	"command",
	"bell",
	"repository",
	"token",
	"daemon",
] as const;
export type Kind = (typeof kinds)[number];

export const kindNames: Record<Kind, string> = {
	session: "Sessions",
	worker: "Processes",
	agent: "Agents",
	prompt: "Prompts",
	permission: "Permissions",
	command: "Commands",
	bell: "Bells",
	repository: "Repositories",
	token: "Tokens",
	daemon: "Daemon",
};

export function kindOf({ type }: Event): Kind {
	if (type === "worker.command") return "command";
	if (type === "worker.bell") return "bell";
	return type.split(".")[0] as Kind;
}

/** Whether it tells of something that went wrong. */
export function isBad(event: Event): boolean {
	const { type, data } = event;
	if (type === "worker.lost") return true;
	if (type === "prompt.ended") return data.state === "failed";
	if (type === "worker.command") return data.exitCode !== 0;
	if (type !== "worker.exited") return false;
	const exit = data.exit as Exit | undefined;
	return exit !== undefined && exit.reason === "exited" && exit.code !== 0;
}

export function tell({ type, data }: Event): string {
	switch (type) {
		case "daemon.started":
			return `started${text(data.version, " ")}`;
		case "session.created":
			return "made";
		case "session.updated":
			return `changed${changed(data)}`;
		case "session.paused":
			return "paused";
		case "session.resumed":
			return "resumed";
		case "session.deleted":
			return "forgotten";
		case "worker.created":
			return Array.isArray(data.command) ? `made to run ${commandText(data.command as string[])}` : "made";
		case "worker.starting":
			return typeof data.generation === "number" && data.generation > 1
				? `starting again (${data.generation})`
				: "starting";
		case "worker.running":
			return `running${typeof data.pid === "number" ? ` as ${data.pid}` : ""}`;
		case "worker.stopping":
			return `stopping${text(data.reason ?? data.stopReason, ": ")}`;
		case "worker.exited":
			return data.exit ? exitText(data.exit as Exit) : "ended";
		case "worker.lost":
			return "lost: its holder went without a word";
		case "worker.updated":
			return told(data);
		case "worker.bell":
			return "rang the bell";
		case "worker.notification":
			return [data.title, data.body].filter(Boolean).join(": ");
		case "worker.command":
			return String(data.command ?? "");
		case "agent.state":
			return `${stateWord(data.state as AgentState)}${evidence(data.evidence)}`;
		case "agent.configured":
			return `configured${text(data.model, ": model ")}${text(data.mode, ": mode ")}`;
		case "agent.added":
		case "agent.removed":
			return `definition ${type === "agent.added" ? "added" : "removed"}${text(data.id, ": ")}`;
		case "prompt.queued":
			return `queued${text(data.text, ": ")}`;
		case "prompt.started":
			return "begun";
		case "prompt.ended":
			return `${String(data.state ?? "ended")}${text(data.detail, ": ")}`;
		case "permission.requested":
			return `asked${text(data.title, ": ")}`;
		case "permission.ended":
			return `${data.decision === "allow" ? "allowed" : "denied"}${text(data.by, " by ")}${text(data.reason, ": ")}`;
		case "permission.rule_added":
		case "permission.rule_removed":
			return `rule ${type === "permission.rule_added" ? "added" : "removed"}${text(data.decision, ": ")}${text(data.tool, " ")}`;
		case "repository.added":
			return `registered${text(data.path, ": ")}`;
		case "repository.removed":
			return `forgotten${text(data.path, ": ")}`;
		case "token.created":
			return `made${text(data.label, ": ")}${text(data.scope, ", may ")}`;
		case "token.revoked":
			return "revoked";
		default:
			return type;
	}
}

/** What a command's event adds to its text. */
export function aside({ type, data }: Event): string {
	if (type !== "worker.command") return "";
	const took = typeof data.durationMs === "number" ? duration(data.durationMs) : "";
	return data.exitCode === 0 ? took : `exit ${data.exitCode ?? "?"} · ${took}`;
}

function text(value: unknown, before: string): string {
	return typeof value === "string" && value !== "" ? before + value : "";
}

function evidence(value: unknown): string {
	const { kind, rule } = (value ?? {}) as { kind?: unknown; rule?: unknown };
	return `${text(kind, ", by ")}${text(rule, ": ")}`;
}

function changed(data: Record<string, unknown>): string {
	const names = Object.keys(data).filter((name) =>
		["name", "tags", "idleTimeoutSeconds", "port"].includes(name),
	);
	return names.length === 0
		? ""
		: `: ${names.map((name) => `${name} ${JSON.stringify(data[name])}`).join(", ")}`;
}

function told(data: Record<string, unknown>): string {
	if (data.deleted === true) return `forgotten${text(data.name, ": ")}`;
	const parts: string[] = [];
	if (typeof data.name === "string") parts.push(`called ${data.name}`);
	if (typeof data.title === "string" && data.title !== "") parts.push(`title “${data.title}”`);
	if (typeof data.cwd === "string") parts.push(`in ${data.cwd}`);
	if (typeof data.cols === "number") parts.push(`${data.cols}×${String(data.rows)}`);
	const attached = Number(data.viewers ?? 0) + Number(data.writers ?? 0);
	if (data.viewers !== undefined || data.writers !== undefined) parts.push(`${attached} attached`);
	if (data.prompt === "running") parts.push("running a command");
	if (data.prompt === "prompt") parts.push("at the prompt");
	return parts.join(" · ") || "changed";
}
