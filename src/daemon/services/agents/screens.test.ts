/** The state of agents that show it on their own screen alone. The agent is a program that paints what the test appends to a file. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentStatus } from "../../../contract/agent.ts";
import type { ScreenRule } from "../../../contract/agent-definition.ts";
import type { AgentState } from "../../../contract/words.ts";
import { agentOf } from "../../../store/agents.ts";
import { eventsAfter } from "../../../store/events.ts";
import { Control, eventually } from "../testing.ts";

setDefaultTimeout(300_000);

const rules: ScreenRule[] = [
	{ id: "asks", state: "needs-permission", where: "bottom", any: ["^Allow this\\?"] },
	{ id: "works", state: "busy", any: ["esc to interrupt"] },
	{ id: "title-works", state: "busy", where: "title", any: ["^working"] },
	{ id: "prompt", state: "idle", where: "bottom", any: ["^>"] },
];

class Painter implements AsyncDisposable {
	private constructor(readonly control: Control) {}

	static async start(screen = rules): Promise<Painter> {
		const control = await Control.start();
		const painter = new Painter(control);
		const bin = join(control.home, "bin");
		mkdirSync(bin);
		mkdirSync(control.paths.agentsFolder, { recursive: true });
		writeFileSync(join(control.home, "paint"), "");
		writeFileSync(join(bin, "painter"), `#!/bin/sh\nexec tail -c +1 -f '${join(control.home, "paint")}'\n`);
		chmodSync(join(bin, "painter"), 0o700);
		control.env.PATH = `${bin}:${control.env.PATH}`;
		painter.define(screen);
		const agent = { definition: "painter" };
		await control.sessions.create({ name: "work", cwd: control.home, port: null, agent });
		return painter;
	}

	define(screen: ScreenRule[]): void {
		const commands = { pty: { start: ["painter"] } };
		const manifest = {
			id: "painter",
			name: "Painter",
			executable: "painter",
			driver: "pty",
			commands,
			screen,
		};
		writeFileSync(join(this.control.paths.agentsFolder, "painter.json"), JSON.stringify(manifest));
	}

	paint(text: string): void {
		appendFileSync(join(this.control.home, "paint"), text);
	}

	type(text: string): Promise<unknown> {
		return this.control.sessions
			.holder("work")
			.call("input", { data: Buffer.from(text).toString("base64") }, 5000);
	}

	get status(): AgentStatus {
		const { store, sessions } = this.control;
		return agentOf(store.read, sessions.get("work").workers[0]!.id)!.status;
	}

	async becomes(state: AgentState, rule?: string): Promise<AgentStatus> {
		const right = () =>
			this.status.state === state && (rule === undefined || this.status.evidence.rule === rule);
		return await eventually(() => right() && this.status, `the agent is ${state} ${rule ?? ""}`);
	}

	/** The states that were told, in their order. */
	get states(): unknown[] {
		const told = eventsAfter(this.control.store.read, 0, 500, { types: ["agent.state"] });
		return told.map(({ data }) => data.state);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.control[Symbol.asyncDispose]();
	}
}

test("what is drawn with cursor movements is seen, and rules come in their order", async () => {
	await using painter = await Painter.start();
	painter.paint("\x1b[2J\x1b[3;1H>\x1b[3;3H\x1b[1;1Hhello\x1b[3;3Hready");
	const status = await painter.becomes("idle");
	expect(status.evidence).toMatchObject({ kind: "screen", rule: "prompt", text: ">" });
	painter.paint("\x1b[5;7Hthis?\x1b[5;1HAllow");
	expect((await painter.becomes("needs-permission")).evidence.text).toBe("Allow this?");
	painter.paint("\x1b[5;1H\x1b[K\x1b]0;working hard\x07");
	expect((await painter.becomes("busy")).evidence).toMatchObject({ kind: "terminal", rule: "title-works" });
});

test("typing is no activity, a spinner is, and its end is seen though nothing comes any more", async () => {
	await using painter = await Painter.start();
	painter.paint("> ");
	await painter.becomes("idle");
	await painter.type("some words typed by a person");
	await eventually(async () => {
		const { lines } = await painter.control.sessions.holder("work").call("screen", { format: "json" }, 5000);
		return lines[0]!.includes("by a person");
	}, "the echo is on the screen");
	const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
	let turn = 0;
	const spinning = setInterval(
		() => painter.paint(`\x1b7\x1b[4;1H${frames[turn++ % 10]} ${turn} s\x1b8`),
		90,
	);
	try {
		expect((await painter.becomes("busy")).evidence).toMatchObject({ kind: "screen", rule: "spinner" });
	} finally {
		clearInterval(spinning);
	}
	await painter.becomes("idle");
	expect(painter.states).toEqual(
		["starting", "idle", "busy", "idle"].slice(painter.states.length === 3 ? 1 : 0),
	);
});

test("a manifest that is changed counts at once, although the agent shows nothing new", async () => {
	await using painter = await Painter.start();
	painter.paint("> waiting for you");
	await painter.becomes("idle");
	painter.define([{ id: "waits", state: "needs-input", any: ["waiting for you"] }]);
	await painter.becomes("needs-input", "waits");
	painter.define([]);
	const unknown = await painter.becomes("unknown");
	expect(unknown.evidence).toMatchObject({ kind: "none", rule: "no-rule-holds" });
});

test("a daemon's start looks at the screen anew", async () => {
	await using painter = await Painter.start();
	painter.paint("> ");
	await painter.becomes("idle");
	await painter.control.end();
	painter.paint("\r\nesc to interrupt\r\n");
	await painter.control.begin();
	await painter.becomes("busy", "works");
	await painter.control.sessions.kill("work");
	expect((await painter.becomes("exited")).evidence).toMatchObject({ kind: "process", text: "killed, KILL" });
});
