import { expect, test } from "bun:test";
import { draftLike, requestOf } from "./session-draft.ts";
import type { Session } from "./types.ts";

const model = {
	id: "s_model",
	cwd: "/srv/app",
	shell: "/bin/zsh",
	tags: ["a", "b"],
	idleTimeoutSeconds: 600,
	restart: "always",
	sizePolicy: "smallest",
	workers: [{ command: ["/bin/zsh"] }],
} as unknown as Session;

test("an empty form asks for nothing", () => {
	expect(requestOf(draftLike(null, undefined))).toEqual({});
});

test("a form like another session's asks for it, and for what the form shows", () => {
	expect(requestOf(draftLike(model, undefined))).toEqual({
		like: "s_model",
		cwd: "/srv/app",
		shell: "/bin/zsh",
		tags: ["a", "b"],
		idleTimeoutSeconds: 600,
		restart: "always",
		sizePolicy: "smallest",
	});
});

test("what was emptied in such a form is not taken from the other session", () => {
	const draft = { ...draftLike(model, undefined), tags: "", idle: "", restart: "no" as const };
	expect(requestOf(draft)).toMatchObject({ tags: [], idleTimeoutSeconds: null, restart: "no" });
});

test("a command is split into its words, and a program with arguments is no shell", () => {
	const draft = draftLike({ ...model, workers: [{ command: ["bash", "-c", "a b"] }] } as Session, undefined);
	expect(draft.runs).toBe("command");
	expect(requestOf(draft).command).toEqual(["bash", "-c", "a b"]);
});

test("a worktree has a repository and no directory", () => {
	const draft = { ...draftLike(null, "r_1"), cwd: "/elsewhere", branch: " fix ", base: "" };
	expect(requestOf(draft)).toEqual({ kind: "worktree", repository: "r_1", branch: "fix" });
});
