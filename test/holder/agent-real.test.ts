/**
 * Agents as people have them, from the npm registry, against a model that the test plays: what they say of themselves fits what Berth
 * reads. One start serves many questions, for these agents are heavy.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ImageStore } from "../../src/platform/images.ts";
import { AgentHolder } from "../support/agents/agent-holder.ts";
import { PNG } from "../support/agents/images.ts";
import { ModelApi, type Question, type Reply } from "../support/agents/model-api.ts";
import { missingAgents, type RealAgent, realAgents } from "../support/agents/real-agents.ts";
import { until } from "../support/berth.ts";

/** Milliseconds for a start or a turn, and for a test of several. */
const STEP_MS = 120_000;
const TEST_MS = 400_000;

const minute = (): number => Math.floor(Date.now() / 60_000);

/** What comes with a picture. */
const PICTURE = "what is this?";

/** What makes the model ask, and what it asks. */
const QUESTION = "ask me";
const LIBRARY = {
	...{ question: "Which library?", header: "Library", multiSelect: false },
	options: [
		{ label: "Vitest", description: "Fast" },
		{ label: "Jest", description: "Known" },
	],
};

/** The model: runs the command or writes the file that the user names, then says what came of it; else it says what it was told. */
const model =
	(real: RealAgent) =>
	({ text, results, images }: Question): Reply => {
		if (results.length > 0) return { text: `The tool said: ${results.join(" ")}` };
		const [, verb, argument] = /^(run|write): (.*)/s.exec(text) ?? [];
		if (text === QUESTION) return { tool: "AskUserQuestion", input: { questions: [LIBRARY] } };
		if (verb === "run") return real.shell(argument!);
		if (verb === "write") return real.write(argument!, "roses\nare red\n");
		return { text: text === PICTURE ? `Images: ${images.join(", ")}` : `You said: ${text}` };
	};

class Session implements AsyncDisposable {
	private constructor(
		readonly real: RealAgent,
		readonly api: ModelApi,
		readonly agent: AgentHolder,
		readonly cwd: string,
	) {}

	static async start(real: RealAgent): Promise<Session> {
		const api = new ModelApi(model(real));
		let cwd = "";
		const agent = await AgentHolder.start(real.driver, {
			argv: real.argv,
			spec(home) {
				cwd = join(home.path, "work");
				mkdirSync(cwd);
				// Its own home, and nothing of the machine's settings.
				const own = real.prepare({ home: home.path, project: cwd, modelUrl: api.url });
				return { cwd, env: { ...home.spec().env, TMPDIR: home.path, ...own } };
			},
		}).catch(async (error) => {
			await api[Symbol.asyncDispose]();
			throw error;
		});
		const session = new Session(real, api, agent, cwd);
		await session.ready().catch(async (error) => {
			await session[Symbol.asyncDispose]();
			throw error;
		});
		return session;
	}

	async ready(): Promise<void> {
		const { agent, real } = this;
		await until(() => agent.currentState() === "idle", `${real.name} is ready`, STEP_MS).catch((error) => {
			throw new Error(`${(error as Error).message}: ${JSON.stringify(agent.records())}\n${agent.home.log()}`);
		});
	}

	/** All that is known of it. */
	get known() {
		return Object.assign({}, ...this.agent.of("agent")) as {
			conversation: string;
			models: { id: string }[];
			modes: { id: string }[];
		};
	}

	ended(promptId: string) {
		const ended = () => this.agent.of("turn-ended").find((turn) => turn.promptId === promptId);
		return until(ended, "the turn ends", STEP_MS);
	}

	/** Gives a prompt, answers its request for permission if there is to be one, and waits for the turn's end. */
	async turn(text: string, decision?: "allow" | "deny") {
		const { agent } = this;
		const before = agent.of("permission").length;
		const promptId = await agent.prompt(text);
		if (decision) {
			const asked = await until(() => agent.of("permission")[before], "it asks", STEP_MS).catch((error) => {
				const items = agent
					.items()
					.slice(-5)
					.map((item) => JSON.stringify(item));
				throw new Error(`${error}; the conversation ends in ${items.join("\n")}`);
			});
			await agent.answer(asked.permission.id, decision);
		}
		return this.ended(promptId);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.agent[Symbol.asyncDispose]();
		await this.api[Symbol.asyncDispose]();
	}
}

if (missingAgents.length > 0)
	console.warn(
		`skipped, for they are not on this machine (scripts/test-agents): ${missingAgents.join(", ")}`,
	);

describe.each([...realAgents])("$name", (real) => {
	test(
		"answers, asks before it acts, is interrupted, sees images, changes mode and model, and goes on in the next generation",
		async () => {
			await using session = await Session.start(real);
			const { agent, cwd } = session;

			const words = await session.turn("hello model");
			expect(words).toMatchObject({ outcome: "completed", stopReason: "end_turn" });
			expect(words.answer!.trim()).toBe("You said: hello model");
			expect(agent.texts("assistant").map((text) => text.trim())).toEqual(["You said: hello model"]);
			expect(agent.texts("user")).toEqual(["hello model"]);
			expect(session.known.conversation).not.toBe("");

			const allowed = join(cwd, "allowed.txt");
			const command = `echo made > ${allowed}; echo well done`;
			expect((await session.turn(`run: ${command}`, "allow")).answer).toContain("well done");
			expect(readFileSync(allowed, "utf8")).toBe("made\n");
			const asked = agent.of("permission")[0]!.permission;
			expect(asked).toMatchObject({ kind: "execute", subject: command });
			expect(asked.options.map(({ kind }) => kind)).toContain("allow_once");
			const [ran] = agent.bodies("tool");
			expect(ran).toMatchObject({ status: "completed", call: asked.call });
			expect(JSON.stringify(ran!.output)).toContain("well done");

			const denied = join(cwd, "denied.txt");
			await session.turn(`run: touch ${denied}`, "deny");
			expect(existsSync(denied)).toBe(false);
			expect(agent.bodies("tool").at(-1)!.status).toBe("failed");

			const never = join(cwd, "never");
			const waiting = agent.of("permission").length;
			const promptId = await agent.prompt(`run: touch ${never}`);
			await until(() => agent.of("permission")[waiting], "it asks", STEP_MS);
			await agent.call("agentInterrupt", {});
			expect(await session.ended(promptId)).toMatchObject({ outcome: "stopped" });
			expect(existsSync(never)).toBe(false);
			expect((await session.turn("still there?")).answer!.trim()).toBe("You said: still there?");

			const poem = join(cwd, "poem.txt");
			await session.turn(`write: ${poem}`, "allow");
			expect(readFileSync(poem, "utf8")).toBe("roses\nare red\n");
			expect(agent.of("permission").at(-1)!.permission).toMatchObject({ kind: "edit", subject: poem });
			const parts = agent.bodies("tool").flatMap(({ output }) => output);
			const change = { type: "diff", path: poem, newText: "roses\nare red\n" };
			expect(parts).toContainEqual(expect.objectContaining(change));

			const image = new ImageStore(agent.holder.spec.agent!.imagesDir).put(PNG);
			const pictured = await session.ended(await agent.prompt(PICTURE, [image]));
			expect(pictured.answer!.trim()).toBe("Images: image/png");

			const mode = session.known.modes.find(({ id }) => id.includes(real.mode))!.id;
			const chosen = session.known.models.at(-1)!.id;
			const choice = { mode, model: chosen };
			expect(await agent.call("agentConfigure", choice)).toEqual(choice);

			const decisions = agent.of("permission-ended").map(({ permission }) => permission.decision);
			expect(decisions).toEqual(["allow", "deny", "deny", "allow"]);
			expect(agent.bodies("notice").filter(({ level }) => level === "warning")).toEqual([]);

			await goesOn(session);
			expect(session.api.strangers).toEqual([]);
		},
		TEST_MS,
	);
});

/** In the next generation, with its conversation of this one. */
async function goesOn(session: Session): Promise<void> {
	const { agent, api, real } = session;
	await session.turn("remember the blue door");
	const began = minute();
	const { conversation } = session.known;
	if (real.losesWithinMinute) await until(() => minute() !== began, "the minute is over", STEP_MS);
	await agent.next([...real.argv, ...real.resume(conversation)], conversation);
	await session.ready();
	expect((await session.turn("and now?")).answer!.trim()).toBe("You said: and now?");
	const history = api.questions.at(-1)!.history.map((text) => text.trim());
	expect(history).toContain("hello model");
	expect(history).toContain("remember the blue door");
	expect(session.known.conversation).toBe(conversation);
	// What was said before is told by no second item.
	expect(agent.texts("user")).toEqual(["and now?"]);
	expect(agent.texts("assistant").map((text) => text.trim())).toEqual(["You said: and now?"]);
}

describe.each(realAgents.filter(({ asksQuestions }) => asksQuestions))("$name", (real) => {
	test(
		"asks a question, and its model hears the option that was chosen, the words that were said, and a refusal",
		async () => {
			await using session = await Session.start(real);
			const { agent, api } = session;
			const told = async (decision: "allow" | "deny", answers?: string[]) => {
				const before = agent.of("permission").length;
				const promptId = await agent.prompt(QUESTION);
				const asked = (await until(() => agent.of("permission")[before], "it asks", STEP_MS)).permission;
				expect(asked).toMatchObject({ tool: "AskUserQuestion", title: "Which library?" });
				const [question] = asked.questions!;
				expect(question).toMatchObject({ title: "Library", text: "Which library?", ownText: true });
				expect(question!.options).toMatchObject([
					{ name: "Vitest", description: "Fast" },
					{ name: "Jest", description: "Known" },
				]);
				await agent.state("needs-input");
				await agent.answer(asked.id, decision, answers && { answers: { [question!.id]: answers } });
				await session.ended(promptId);
				return api.questions.at(-1)!.results.join(" ");
			};
			expect(await told("allow", ["Jest"])).toContain('"Which library?"="Jest"');
			expect(await told("allow", ["the built-in one"])).toContain('"Which library?"="the built-in one"');
			const refused = await told("deny");
			expect(refused).not.toContain("Which library?");
			expect(agent.bodies("notice").filter(({ level }) => level === "warning")).toEqual([]);
		},
		TEST_MS,
	);
});
