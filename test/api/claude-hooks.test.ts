/**
 * The real Claude Code in its own screen, asking a model of the test's: what its hooks really do with what Berth says. It is fetched once by
 * scripts/test-agents; without it these tests are skipped.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Permission, PermissionRule } from "../../src/contract/permission.ts";
import type { AgentWorker, Session } from "../../src/contract/session.ts";
import { ModelApi } from "../support/agents/model-api.ts";
import { realAgents } from "../support/agents/real-agents.ts";
import { Berth, until } from "../support/berth.ts";

setDefaultTimeout(300_000);

const claude = realAgents.find(({ name }) => name === "Claude Code");
if (!claude) console.warn("skipped, for it is not on this machine (scripts/test-agents): Claude Code");

const LIBRARY = {
	...{ question: "Which library?", header: "Library", multiSelect: false },
	options: [
		{ label: "Vitest", description: "Fast" },
		{ label: "Jest", description: "Known" },
	],
};

let berth: Berth;
let model: ModelApi;
let project: string;
beforeAll(async () => {
	if (!claude) return;
	// The prompt is the command that it should run, or has it ask.
	model = new ModelApi(({ text, results }) => {
		if (results.length > 0) return { text: `it said: ${results.at(-1)}` };
		if (text.startsWith("ask ")) return { tool: "AskUserQuestion", input: { questions: [LIBRARY] } };
		return { tool: "Bash", input: { command: text } };
	});
	berth = await Berth.home();
	project = join(berth.home, "project");
	mkdirSync(project);
	const bin = join(berth.home, "bin");
	mkdirSync(bin);
	symlinkSync(claude.file, join(bin, "claude"));
	// As after its first start: nobody is there to choose colours and to trust the directory.
	writeFileSync(
		join(berth.home, ".claude.json"),
		JSON.stringify({
			hasCompletedOnboarding: true,
			theme: "dark",
			customApiKeyResponses: { approved: ["none"], rejected: [] },
			bypassPermissionsModeAccepted: true,
			projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
		}),
	);
	const own = claude.prepare({ home: berth.home, project, modelUrl: model.url });
	Object.assign(berth.env, own, { PATH: `${bin}:${berth.env.PATH}`, IS_SANDBOX: "1" });
	await berth.startDaemon();
});
afterAll(async () => {
	await berth?.[Symbol.asyncDispose]();
	await model?.[Symbol.asyncDispose]();
});

const start = async (name: string, prompt: string, more: object = {}): Promise<void> => {
	const { status, body } = await berth.api<Session>("POST", "/sessions", {
		...{ name, cwd: project, port: null, cols: 120, rows: 40 },
		agent: { definition: "claude", driver: "pty", prompt, ...more },
	});
	if (status !== 201) throw new Error(JSON.stringify(body));
};
const agentOf = async (name: string) =>
	((await berth.api<Session>("GET", `/sessions/${name}`)).body.workers[0] as AgentWorker).agent;
const requests = async (name: string) =>
	(await berth.api<Permission[]>("GET", `/permissions?session=${name}`)).body;
const asks = async (name: string) => {
	try {
		return await until(async () => (await requests(name))[0] ?? false, "it asks", 60_000);
	} catch (error) {
		const screen = await berth.fetch(`/sessions/${name}/screen?format=text`);
		throw new Error(`${error}; its screen:\n${await screen.text()}`);
	}
};
const answer = (id: string, body: object) => berth.api("POST", `/permissions/${id}/answer`, body);
const ended = (id: string) =>
	until(async () => {
		const { body } = await berth.api<Permission>("GET", `/permissions/${id}`);
		return body.state === "pending" ? false : body;
	}, "the request has ended");
const idle = (name: string) =>
	until(async () => (await agentOf(name)).status.state === "idle", `${name} has finished its turn`, 60_000);

test.if(claude !== undefined)("Claude Code asks through its hook, and does what was allowed", async () => {
	await start("allows", "touch allowed");
	const request = await asks("allows");
	expect(request).toMatchObject({ tool: "Bash", subject: "touch allowed", agent: "claude", source: "hook" });
	expect((await agentOf("allows")).status.state).toBe("needs-permission");
	expect(existsSync(join(project, "allowed"))).toBe(false);
	await answer(request.id, { decision: "allow" });
	await until(() => existsSync(join(project, "allowed")), "the command has run");
	await idle("allows");
	expect((await agentOf("allows")).conversation).not.toBeNull();
});

test.if(claude !== undefined)("what was denied is not done, and the model hears why", async () => {
	await start("denies", "touch denied");
	await answer((await asks("denies")).id, { decision: "deny", reason: "use make" });
	const heard = () => model.questions.flatMap(({ results }) => results);
	await until(() => heard().some((result) => result.includes("use make")), "the model hears of it");
	await idle("denies");
	expect(existsSync(join(project, "denied"))).toBe(false);
});

test.if(claude !== undefined)("what was answered in its own dialogue is withdrawn", async () => {
	await start("itself", "touch itself");
	const request = await asks("itself");
	await berth.api("POST", "/sessions/itself/wait", { regex: "Do you want", timeoutMs: 30_000 });
	await berth.api("POST", "/sessions/itself/keys", { keys: ["Enter"] });
	await until(() => existsSync(join(project, "itself")), "the command has run");
	expect(await ended(request.id)).toMatchObject({ state: "cancelled", by: "agent" });
	await idle("itself");
});

test.if(claude !== undefined)(
	"its question is answered in Berth, and the model hears the answer",
	async () => {
		await start("questions", "ask here");
		const request = await asks("questions");
		expect(request).toMatchObject({ tool: "AskUserQuestion", title: "Which library?", source: "hook" });
		expect(request.questions).toMatchObject([{ id: "1", title: "Library", text: "Which library?" }]);
		await until(async () => (await agentOf("questions")).status.state === "needs-input", "it needs input");
		expect((await answer(request.id, { decision: "allow" })).status).toBe(400);
		await answer(request.id, { decision: "allow", answers: { "1": ["Jest"] } });
		const heard = () => model.questions.flatMap(({ results }) => results);
		await until(
			() => heard().some((result) => result.includes('"Which library?"="Jest"')),
			"the model hears it",
		);
		await idle("questions");
	},
);

test.if(claude !== undefined)("a question that was answered in its own dialogue is withdrawn", async () => {
	await start("chooses", "ask there");
	const request = await asks("chooses");
	await berth.api("POST", "/sessions/chooses/wait", { regex: "1. Vitest", timeoutMs: 30_000 });
	await berth.api("POST", "/sessions/chooses/keys", { keys: ["Enter"] });
	const heard = () => model.questions.flatMap(({ results }) => results);
	await until(
		() => heard().some((result) => result.includes('"Which library?"="Vitest"')),
		"the model hears it",
	);
	expect(await ended(request.id)).toMatchObject({ state: "cancelled", by: "agent" });
	await idle("chooses");
});

test.if(claude !== undefined)("a rule that denies holds where it would not even ask", async () => {
	const rule = { decision: "deny", tool: "Bash", subject: "touch *" };
	const { body } = await berth.api<PermissionRule>("POST", "/permissions/rules", rule);
	await start("bypasses", "touch bypassed", { mode: "bypassPermissions" });
	expect(await asks("bypasses")).toMatchObject({ by: "rule", decision: "deny", ruleId: body.id });
	await idle("bypasses");
	expect(existsSync(join(project, "bypassed"))).toBe(false);
	await berth.api("DELETE", `/permissions/rules/${body.id}`);
	await start("bypasses-on", "touch went-on", { mode: "bypassPermissions" });
	await until(() => existsSync(join(project, "went-on")), "without the rule it is done");
	expect(await requests("bypasses-on")).toEqual([]);
});
