/** Examples that several operations share; a test checks each against its schema. */
import type { Image, Item } from "../../contract/conversation.ts";
import { type Permission, type PermissionRule, UNANSWERED } from "../../contract/permission.ts";
import type { Prompt } from "../../contract/prompt.ts";
import type { Session, Worker } from "../../contract/session.ts";
import type { Event } from "../../contract/system.ts";

export const workerExample: Worker = {
	id: "w_8k2m4c9qzt",
	sessionId: "s_4h8dk2m9qz",
	name: "main",
	kind: "terminal",
	state: "running",
	exit: null,
	generation: 1,
	pid: 4711,
	command: ["/bin/bash"],
	cwd: "/home/me/project",
	title: "",
	cols: 120,
	rows: 40,
	offset: 18_211,
	viewers: 0,
	writers: 1,
	prompt: "prompt",
	foreground: null,
	lastLine: "$ make test",
	restarts: 0,
	startedAt: 1_767_322_800_000,
	endedAt: null,
	socket: "/run/user/1000/berth/w_8k2m4c9qzt.sock",
};

export const sessionExample: Session = {
	id: "s_4h8dk2m9qz",
	name: "api",
	port: 20_000,
	kind: "quick",
	cwd: "/home/me/project",
	shell: "/bin/bash",
	tags: ["work"],
	createdAt: 1_767_322_800_000,
	lastActiveAt: 1_767_322_860_000,
	idleTimeoutSeconds: null,
	restart: "no",
	sizePolicy: "latest",
	viewers: 0,
	workers: [workerExample],
};

export const eventExample: Event = {
	seq: 17,
	at: 1_767_322_860_000,
	type: "worker.exited",
	sessionId: "s_4h8dk2m9qz",
	workerId: "w_8k2m4c9qzt",
	data: { state: "exited", exit: { code: 0, signal: null, reason: "exited" } },
};

export const imageExample: Image = {
	sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	mediaType: "image/png",
	bytes: 18_211,
};

export const itemExample: Item = {
	cursor: 42,
	id: "1.17",
	index: 16,
	workerId: "w_8k2m4c9qzt",
	generation: 1,
	at: 1_767_322_860_000,
	updatedAt: 1_767_322_861_000,
	body: {
		type: "message",
		role: "assistant",
		parts: [{ type: "text", text: "The build fails because `tsc` is missing." }],
		done: true,
	},
};

export const permissionExample: Permission = {
	id: "p_5r8k2m4c9q",
	sessionId: "s_4h8dk2m9qz",
	workerId: "w_8k2m4c9qzt",
	generation: 1,
	agent: "claude",
	source: "hook",
	tool: "Bash",
	kind: "execute",
	title: "Run `npm test`",
	subject: "npm test",
	input: { command: "npm test", description: "Run the tests" },
	cwd: "/home/me/project",
	options: [
		{ id: "allow", name: "Allow", kind: "allow_once" },
		{ id: "deny", name: "Deny", kind: "reject_once" },
	],
	questions: [],
	...UNANSWERED,
	createdAt: 1_767_322_860_000,
	deadlineAt: 1_767_323_160_000,
};

export const ruleExample: PermissionRule = {
	id: "pr_7t2k8m4c9q",
	decision: "allow",
	tool: "Bash",
	subject: "npm test*",
	agent: null,
	directory: null,
	createdAt: 1_767_322_860_000,
};

export const promptExample: Prompt = {
	id: "q_2k8m4c9qzt",
	sessionId: "s_4h8dk2m9qz",
	workerId: "w_8k2m4c9qzt",
	text: "Find out why the build fails",
	images: [],
	state: "completed",
	createdAt: 1_767_322_860_000,
	startedAt: 1_767_322_860_100,
	endedAt: 1_767_322_872_000,
	stopReason: "end_turn",
	answer: "The build fails because `tsc` is missing.",
	detail: null,
};
