/**
 * Agents as people have them, from the npm registry, in their own screens, against a model that the test plays: what Berth does with their
 * hooks, their keys and their flags fits them. Each has a file of its own, since they take long, and can be tried at the same time.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AgentExplanation } from "../../../src/contract/agent.ts";
import type { Permission } from "../../../src/contract/permission.ts";
import type { Prompt } from "../../../src/contract/prompt.ts";
import type { AgentWorker, Session } from "../../../src/contract/session.ts";
import { ModelApi } from "../../support/agents/model-api.ts";
import { install, realScreen } from "../../support/agents/real-screens.ts";
import { Berth, until } from "../../support/berth.ts";

setDefaultTimeout(900_000);

/** Milliseconds for a start or a turn. */
const STEP_MS = 180_000;

/** `id` is the one of its definition. Skipped where it is not on this machine. */
export function testRealScreen(id: string): void {
	const real = realScreen(id);
	if (real === null) {
		test.skip(`${id} in its own screen: it is not on this machine (scripts/test-agents)`, () => {});
		return;
	}
	describe(`${id} in its own screen`, () => {
		let berth: Berth;
		let model: ModelApi;
		let project: string;
		beforeAll(async () => {
			model = new ModelApi(({ text, results }) => {
				if (results.length > 0) return { text: `The tool said: ${results.join(" ")}` };
				if (text.startsWith("hang")) return null;
				const [, command] = /^run: (.*)/s.exec(text) ?? [];
				return command ? real.shell(command) : { text: `You said: ${text}` };
			});
			berth = await Berth.home();
			project = join(berth.home, "project");
			mkdirSync(project);
			const bin = join(berth.home, "bin");
			install(real, bin);
			const env = real.prepare({ home: berth.home, project, modelUrl: model.url });
			Object.assign(berth.env, env, { PATH: `${bin}:${berth.env.PATH}` });
			await berth.startDaemon();
		});
		afterAll(async () => {
			await berth[Symbol.asyncDispose]();
			await model[Symbol.asyncDispose]();
		});

		const start = async (name: string): Promise<void> => {
			const { status, body } = await berth.api<Session>("POST", "/sessions", {
				...{ name, cwd: project, port: null, cols: 100, rows: 40 },
				agent: { definition: real.id, driver: "pty", model: real.models[0] },
			});
			if (status !== 201) throw new Error(JSON.stringify(body));
			await state(name, "idle");
		};
		const agentOf = async (name: string) =>
			((await berth.api<Session>("GET", `/sessions/${name}`)).body.workers[0] as AgentWorker).agent;
		const state = async (name: string, wanted: string): Promise<void> => {
			const look = async () => (await agentOf(name)).status.state === wanted;
			await until(look, `${name} is ${wanted}`, STEP_MS).catch(async (error) => {
				const { body } = await berth.api<AgentExplanation>("GET", `/sessions/${name}/agent`);
				throw new Error(`${error}; ${JSON.stringify(body.sources, null, 1)}\n${body.screen}`);
			});
		};
		const give = async (name: string, text: string): Promise<Prompt> =>
			(await berth.api<Prompt>("POST", `/sessions/${name}/prompts`, { text })).body;
		const ended = async (name: string, { id }: Prompt): Promise<Prompt> => {
			const prompt = await until(
				async () => {
					const { body } = await berth.api<Prompt>("GET", `/sessions/${name}/prompts/${id}?wait=20000`);
					return ["completed", "failed", "stopped"].includes(body.state) && body;
				},
				"the prompt has ended",
				STEP_MS,
			).catch(async (error) => {
				throw new Error(`${error}; its screen:\n${await screen(name)}`);
			});
			return prompt;
		};
		const ask = async (name: string, text: string) => ended(name, await give(name, text));
		const asks = async (name: string): Promise<Permission> =>
			until(
				async () =>
					(await berth.api<Permission[]>("GET", `/permissions?session=${name}&state=pending`)).body[0] ??
					false,
				"it asks in Berth",
				STEP_MS,
			);
		const screen = async (name: string) =>
			await (await berth.fetch(`/sessions/${name}/screen?format=text`)).text();
		const keys = (name: string, ...pressed: string[]) =>
			berth.api("POST", `/sessions/${name}/keys`, { keys: pressed });
		/** Answers what it asks, where it asks. */
		const answer = async (name: string, decision: "allow" | "deny"): Promise<void> => {
			await state(name, "needs-permission");
			if (real.dialogue === null) {
				const { id, tool } = await asks(name);
				expect(tool).toBe("Bash");
				await berth.api("POST", `/permissions/${id}/answer`, { decision });
				return;
			}
			const { shows, no } = real.dialogue;
			await until(async () => (await screen(name)).includes(shows), "its dialogue is there", STEP_MS);
			await keys(name, ...(decision === "allow" ? ["Enter"] : no));
		};

		/** The words of a conversation that the model is sent with the answer to this. */
		const history = async (name: string, text: string): Promise<string> => {
			await ask(name, text);
			// On a busy machine an agent whose state is read off its screen is taken for done before it has asked.
			const question = await until(
				() => model.questions.find((each) => each.text.includes(text)),
				"the model is asked",
				STEP_MS,
			).catch(async (error) => {
				throw new Error(`${error}; its screen:\n${await screen(name)}`);
			});
			return question.history.join("\n");
		};

		/** A second attempt finds what the first left in its home. */
		let attempts = 0;

		test("answers, asks before it acts, is interrupted, changes its model, and goes on with exactly its own conversation beside another one of its kind", async () => {
			const attempt = ++attempts;
			const red = `red-${attempt}`;
			await start(red);
			const words = await ask(red, `remember the ${red} door`);
			expect(words.state).toBe("completed");
			expect(words.answer).toContain(`You said: remember the ${red} door`);
			const { conversation, status } = await agentOf(red);
			expect(conversation).toBeString();
			expect(status).toMatchObject({ state: "idle", evidence: { kind: real.hooked ? "hook" : "screen" } });

			const allowed = join(project, `${red}-allowed`);
			const acting = await give(red, `run: touch ${allowed}`);
			await answer(red, "allow");
			expect((await ended(red, acting)).state).toBe("completed");
			expect(existsSync(allowed)).toBe(true);

			const denied = join(project, `${red}-denied`);
			const refused = await give(red, `run: touch ${denied}`);
			await answer(red, "deny");
			await ended(red, refused);
			expect(existsSync(denied)).toBe(false);

			const hanging = await give(red, "hang on");
			await until(() => model.questions.at(-1)?.text.startsWith("hang"), "the model is asked", STEP_MS);
			await state(red, "busy");
			await berth.api("POST", `/sessions/${red}/interrupt`);
			expect((await ended(red, hanging)).state).toBe("stopped");
			await state(red, "idle");

			const [, another] = real.models;
			const patch = { agent: { model: another } };
			const changed = await berth.api("PATCH", `/sessions/${red}/workers/main`, patch);
			if (real.id === "opencode") {
				// A conversation of its keeps its model in its own screen.
				expect([changed.status, changed.body]).toMatchObject([400, { code: "bad_request" }]);
				expect((await agentOf(red)).model).not.toBe(another);
			} else {
				expect([changed.status, changed.body]).toMatchObject([200, { agent: { model: another } }]);
				expect((await ask(red, "who are you?")).answer).toContain("You said: who are you?");
				expect(model.questions.at(-1)).toMatchObject({ model: real.asked(another) });
			}

			// The last of the directory is blue's; what both said is on the disk.
			const blue = `blue-${attempt}`;
			await start(blue);
			expect((await ask(blue, `remember the ${blue} door`)).answer).toContain("You said");
			expect((await berth.api("POST", `/sessions/${red}/restart`)).status).toBe(200);
			await state(red, "idle");
			const said = await history(red, `and now, ${red}`);
			// Gemini CLI forgets the first words of a conversation in which a turn was interrupted, when it goes on for the second time.
			expect(said).toContain(`${red}-allowed`);
			expect(said).not.toContain(`the ${blue} door`);
			expect((await agentOf(red)).conversation).toBe(conversation!);
		});
	});
}
