/** Agents in sessions: made, started, restarted, paused. The agent is any program that says how it was called. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BerthError } from "../../../contract/errors.ts";
import type { HolderSpec } from "../../../contract/link.ts";
import type { AgentWorker, Session, Worker } from "../../../contract/session.ts";
import { updateAgent } from "../../../store/agents.ts";
import { eventsAfter } from "../../../store/events.ts";
import { Control } from "../testing.ts";
import { PROMPT_ARGUMENT_BYTES } from "./template.ts";

setDefaultTimeout(300_000);

async function codeOf(work: () => unknown): Promise<string> {
	try {
		await work();
		return "no error";
	} catch (error) {
		return (error as BerthError).code;
	}
}

const ECHO = {
	id: "echo",
	name: "Echo",
	executable: "echo-agent",
	driver: "pty",
	env: { FROM: "definition", KEPT: "definition" },
	commands: {
		pty: {
			start: [
				"echo-agent",
				"start",
				["--model", "{{model}}"],
				["--mode={{mode}}"],
				"{{args}}",
				["--", "{{prompt}}"],
				["--file", "{{promptFile}}"],
			],
			continue: ["echo-agent", "continue", "{{conversation}}", ["--model", "{{model}}"], "{{args}}"],
		},
		acp: { start: ["echo-agent", "acp"] },
		headless: ["echo-agent", "-p", "{{prompt}}"],
	},
};

/** A control plane with an agent of its own in the user's folder. */
async function withAgent(): Promise<Control> {
	const control = await Control.start();
	const bin = join(control.home, "bin");
	mkdirSync(bin);
	const program = join(bin, "echo-agent");
	writeFileSync(program, "#!/bin/sh\nexec sleep 600\n");
	chmodSync(program, 0o700);
	control.env.PATH = `${bin}:${control.env.PATH}`;
	define(control, ECHO);
	return control;
}

function define(control: Control, manifest: { id: string } & Record<string, unknown>): void {
	mkdirSync(control.paths.agentsFolder, { recursive: true });
	writeFileSync(join(control.paths.agentsFolder, `${manifest.id}.json`), JSON.stringify(manifest));
}

const start = (control: Control, agent: object = {}, more: object = {}): Promise<Session> =>
	control.sessions.create({
		name: "work",
		cwd: control.home,
		port: null,
		agent: { definition: "echo", ...agent },
		...more,
	});

function agentOf(worker: Worker | undefined): AgentWorker {
	if (worker?.kind !== "agent") throw new Error("it is no agent");
	return worker;
}

const primary = (session: Session): AgentWorker => agentOf(session.workers[0]);

const specOf = (control: Control): HolderSpec => control.sessions.spec("work");

describe("an agent's session", () => {
	test("runs the definition's command, with the configuration where the template has its places", async () => {
		await using control = await withAgent();
		const prompt = "-n 'quoted' $HOME\n{{model}} ünï";
		const session = await start(control, { model: "big", mode: "plan", args: ["--x", "y z"], prompt });
		const worker = primary(session);
		expect(worker).toMatchObject({
			kind: "agent",
			state: "running",
			command: ["echo-agent", "start", "--model", "big", "--mode=plan", "--x", "y z", "--", prompt],
			agent: { definition: "echo", driver: "pty", model: "big", mode: "plan", args: ["--x", "y z"] },
		});
		expect(session.shell).toBe("echo-agent");
		expect(specOf(control).argv).toEqual(worker.command);
		expect(specOf(control).agent).toBeUndefined();
	});

	test("has the definition's environment below what was added", async () => {
		await using control = await withAgent();
		await start(control, {}, { env: { FROM: "caller" } });
		expect(specOf(control).env).toMatchObject({ FROM: "caller", KEPT: "definition" });
	});

	test("has the definition's environment above its caller's surroundings, also beside a terminal and after a restart", async () => {
		await using control = await withAgent();
		const surroundings = { FROM: "shell", KEPT: "shell", OTHER: "shell" };
		const env = { FROM: "asked for" };
		const wanted = { FROM: "asked for", KEPT: "definition", OTHER: "shell" };
		await start(control, {}, { baseEnv: surroundings, env });
		expect(specOf(control).env).toMatchObject(wanted);
		await control.sessions.restart("work");
		expect(specOf(control).env).toMatchObject(wanted);
		await control.script("sleep 600", { name: "plain", baseEnv: surroundings, env });
		expect(control.sessions.spec("plain").env).toMatchObject({ ...surroundings, ...env });
		await control.sessions.addWorker("plain", { kind: "agent", agent: { definition: "echo" } });
		expect(control.sessions.spec("plain", "echo").env).toMatchObject(wanted);
		await control.sessions.restart("plain", "echo");
		expect(control.sessions.spec("plain", "echo").env).toMatchObject(wanted);
		await control.sessions.addWorker("plain", { name: "sh" });
		expect(control.sessions.spec("plain", "sh").env).toMatchObject({ ...surroundings, ...env });
		await control.sessions.create({ like: "work", name: "copy" });
		expect(control.sessions.spec("copy").env).toMatchObject(wanted);
	});

	test("gets a prompt that is too long for an argument in a private file", async () => {
		await using control = await withAgent();
		const prompt = "é".repeat(PROMPT_ARGUMENT_BYTES);
		const { command } = primary(await start(control, { prompt }));
		const file = command.at(-1)!;
		expect(command.slice(0, -1)).toEqual(["echo-agent", "start", "--file"]);
		expect(readFileSync(file, "utf8")).toBe(prompt);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(file.startsWith(specOf(control).generationDir)).toBe(true);
	});

	test("of a structured driver tells its holder how to drive it", async () => {
		await using control = await withAgent();
		await start(control, { driver: "acp", model: "big", conversation: "c-1" });
		expect(specOf(control)).toMatchObject({
			argv: ["echo-agent", "acp"],
			agent: {
				driver: "acp",
				model: "big",
				mode: null,
				conversation: "c-1",
				imagesDir: control.paths.images,
			},
		});
	});

	test("is not made, and leaves nothing, when something about it is wrong", async () => {
		await using control = await withAgent();
		const codes = async (agent: object, more: object = {}) => codeOf(() => start(control, agent, more));
		expect(await codes({ definition: "nobody" })).toBe("agent_not_found");
		expect(await codes({ definition: "../echo" })).toBe("agent_not_found");
		expect(await codes({ driver: "claude-stream" })).toBe("bad_request");
		expect(await codes({ driver: "acp", args: ["x"] })).toBe("bad_request");
		expect(await codes({ prompt: "a\0b" })).toBe("bad_request");
		expect(await codes({}, { command: ["sh"] })).toBe("bad_request");
		expect(await codes({}, { cwd: "/nowhere" })).toBe("invalid_cwd");
		define(control, { ...ECHO, id: "gone", commands: { pty: { start: ["no-such-agent"] } } });
		expect(await codes({ definition: "gone" })).toBe("agent_not_installed");
		expect(await codes({ definition: "gone", model: "x" })).toBe("bad_request");
		expect(control.sessions.list(true)).toEqual([]);
	});

	test("can have agents beside its terminals, each named after what it is", async () => {
		await using control = await withAgent();
		await control.script("sleep 600", { name: "work", env: { SHARED: "session" } });
		const add = () => control.sessions.addWorker("work", { kind: "agent", agent: { definition: "echo" } });
		expect((await add()).name).toBe("echo");
		expect((await add()).name).toBe("echo-2");
		expect(control.sessions.spec("work", "echo").env).toMatchObject({
			SHARED: "session",
			KEPT: "definition",
		});
	});

	test("is copied with its configuration and without its conversation", async () => {
		await using control = await withAgent();
		await start(control, { model: "big", conversation: "c-1" }, { env: { A: "1" } });
		const copy = await control.sessions.create({ like: "work", name: "copy" });
		expect(primary(copy).agent).toMatchObject({ definition: "echo", model: "big", conversation: null });
		expect(control.sessions.spec("copy").env.A).toBe("1");
	});
});

describe("an agent's restart", () => {
	test("goes on with its conversation, with its configuration, and says its first prompt no second time", async () => {
		await using control = await withAgent();
		await start(control, { model: "big", conversation: "c-1", args: ["--x"] });
		await control.sessions.restart("work");
		const worker = agentOf(control.sessions.worker("work"));
		expect(worker.command).toEqual(["echo-agent", "continue", "c-1", "--model", "big", "--x"]);
		expect(worker.generation).toBe(2);
	});

	test("begins anew when it has no conversation, and when it is told to", async () => {
		await using control = await withAgent();
		await start(control, { prompt: "hello" });
		await control.sessions.restart("work");
		expect(control.sessions.worker("work").command).toEqual(["echo-agent", "start"]);
		await control.sessions.close("work");
		await control.sessions.remove("work");
		await start(control, { conversation: "c-1" });
		await control.sessions.restart("work", undefined, { fresh: true });
		const worker = agentOf(control.sessions.worker("work"));
		expect(worker.command).toEqual(["echo-agent", "start"]);
		expect(worker.agent.conversation).toBeNull();
	});

	test("merges what is overridden into what is kept, and tells it once", async () => {
		await using control = await withAgent();
		await start(control, { model: "big", args: ["--x"] }, { env: { A: "1", B: "2" } });
		const seq = eventsAfter(control.store.read, 0, 1000).at(-1)!.seq;
		await control.sessions.restart("work", undefined, {
			agent: { model: "small", env: { A: null, C: "3" } },
		});
		const worker = agentOf(control.sessions.worker("work"));
		expect(worker.command).toEqual(["echo-agent", "start", "--model", "small", "--x"]);
		const { env } = specOf(control);
		expect([env.A, env.B, env.C, env.KEPT]).toEqual([undefined as never, "2", "3", "definition"]);
		const told = eventsAfter(control.store.read, seq, 100).filter(({ type }) => type === "agent.configured");
		expect(told).toMatchObject([{ workerId: worker.id, data: { model: "small" } }]);
		expect(JSON.stringify(told)).not.toContain('"C"');
		await control.sessions.restart("work");
		expect(agentOf(control.sessions.worker("work")).agent.model).toBe("small");
	});

	test("that cannot be ends nothing and changes nothing", async () => {
		await using control = await withAgent();
		const before = primary(await start(control));
		define(control, { ...ECHO, commands: { pty: { start: ["no-such-agent"] } } });
		expect(await codeOf(() => control.sessions.restart("work"))).toBe("agent_not_installed");
		define(control, { ...ECHO, commands: { pty: { start: ["echo-agent"] } } });
		const override = { agent: { model: "small" } };
		expect(await codeOf(() => control.sessions.restart("work", undefined, override))).toBe("bad_request");
		expect(agentOf(control.sessions.worker("work"))).toMatchObject({
			pid: before.pid,
			generation: 1,
			agent: { model: null },
		});
	});

	test("asks only for what a person chose, and not for what the agent told of itself", async () => {
		await using control = await withAgent();
		const { id } = primary(await start(control, { driver: "acp", mode: "plan" }));
		control.store.change((change) => updateAgent(change, id, { model: "its own", mode: "another" }));
		expect(primary(control.sessions.get("work")).agent).toMatchObject({
			...{ model: "its own", mode: "another", chosenModel: null, chosenMode: "plan" },
		});
		await control.sessions.restart("work");
		expect(specOf(control).agent).toMatchObject({ model: null, mode: "plan" });
		await control.sessions.restart("work", undefined, { agent: { model: "big", mode: null } });
		expect(specOf(control).agent).toMatchObject({ model: "big", mode: null });
		await control.sessions.create({ like: "work", name: "copy" });
		expect(control.sessions.spec("copy").agent).toMatchObject({ model: "big", mode: null });
	});

	test("that fails when all looked well keeps nothing of what it was to change", async () => {
		await using control = await withAgent();
		const env = { A: "1" };
		const { id } = primary(await start(control, { model: "big", conversation: "c-1" }, { env }));
		writeFileSync(join(control.home, "bin/echo-agent"), "#!/no/such/interpreter\n");
		const overrides = { agent: { model: "small", args: ["--x"], env: { A: null } }, fresh: true };
		expect(await codeOf(() => control.sessions.restart("work", undefined, overrides))).toBe(
			"invalid_command",
		);
		const worker = agentOf(control.sessions.worker("work"));
		expect(worker).toMatchObject({ generation: 2, state: "exited", exit: { reason: "failed" } });
		expect(worker.agent).toMatchObject({ model: "big", args: [], conversation: "c-1" });
		const told = eventsAfter(control.store.read, 0, 1000).filter(
			({ type, workerId }) => type === "agent.configured" && workerId === id,
		);
		expect(told.map(({ data }) => data.model)).toEqual(["small", "big"]);
		writeFileSync(join(control.home, "bin/echo-agent"), "#!/bin/sh\nexec sleep 600\n");
		await control.sessions.restart("work");
		expect(control.sessions.worker("work").command).toEqual([
			...["echo-agent", "continue", "c-1", "--model", "big"],
		]);
		expect(specOf(control).env.A).toBe("1");
	});

	test("is not refused for what the agent chose by itself, though its command cannot tell it", async () => {
		await using control = await withAgent();
		const { id } = primary(await start(control));
		control.store.change((change) => updateAgent(change, id, { mode: "its own" }));
		define(control, { ...ECHO, commands: { pty: { start: ["echo-agent"] } } });
		expect(await codeOf(() => control.sessions.restart("work"))).toBe("no error");
		expect(agentOf(control.sessions.worker("work")).command).toEqual(["echo-agent"]);
	});

	test("of a terminal takes no configuration", async () => {
		await using control = await Control.start();
		await control.script("sleep 600", { name: "work" });
		const restart = (options: object) => codeOf(() => control.sessions.restart("work", undefined, options));
		expect(await restart({ agent: { model: "x" } })).toBe("not_an_agent");
		expect(await restart({ fresh: true })).toBe("not_an_agent");
		expect(await restart({})).toBe("no error");
	});

	test("uses the definition as it is by then", async () => {
		await using control = await withAgent();
		await start(control);
		define(control, { ...ECHO, commands: { pty: { start: ["echo-agent", "newer"] } } });
		await control.sessions.restart("work");
		expect(control.sessions.worker("work").command).toEqual(["echo-agent", "newer"]);
	});

	test("is what brings it back after a pause, in its conversation", async () => {
		await using control = await withAgent();
		await start(control, { conversation: "c-1" });
		await control.sessions.pause("work");
		await control.sessions.resume("work");
		expect(control.sessions.worker("work").command).toEqual(["echo-agent", "continue", "c-1"]);
	});
});
