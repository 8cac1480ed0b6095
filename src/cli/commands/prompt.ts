import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import type { Image, Item } from "../../contract/conversation.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Prompt } from "../../contract/prompt.ts";
import type { RunState } from "../../contract/state.ts";
import type { Api } from "../api.ts";
import type { Cli } from "../cli.ts";
import { EXIT, type Run, UsageError } from "../command.ts";
import { conversationPage, followConversation } from "../conversation.ts";
import { ConversationPrinter } from "../output/conversation.ts";
import type { prompt as spec } from "../registry/prompts.ts";

/** Milliseconds of one request that waits: a daemon that is replaced meanwhile is asked again. */
const WAIT_STEP_MS = 30_000;

const statuses: Partial<Record<RunState, number>> = {
	completed: 0,
	failed: EXIT.failure,
	stopped: EXIT.interrupted,
};

export const run: Run<typeof spec> = async (cli, { flags, operands }) => {
	const [target, given] = operands as [string, string];
	if (flags.timeout !== undefined && !flags.wait) throw new UsageError("--timeout is for --wait", "prompt");
	const text = given === "-" ? await Bun.stdin.text() : given;
	const api = await cli.api();
	const images: string[] = [];
	for (const file of flags.image) images.push((await upload(api, resolve(cli.cwd, file))).sha256);
	const streams = flags.wait && !flags.json && cli.stdoutIsTerminal;
	const from = streams ? await cursorOf(api, target) : null;
	const prompt = await answer(
		api.target(target).prompts.post({
			text,
			...(images.length === 0 ? {} : { images }),
			...(flags.now ? { now: true } : {}),
		}),
	);
	if (!flags.wait) return flags.json ? cli.printJson(prompt) : cli.print(prompt.id);

	const printer = from === null ? null : new AnswerPrinter(cli, api, target, prompt.id, from);
	const ended = await waitFor(api, target, prompt.id, flags.timeout);
	await printer?.finish();
	if (flags.json) cli.printJson(ended);
	else if (printer === null && ended.answer !== null) cli.print(ended.answer);
	const status = statuses[ended.state];
	if (status === undefined) {
		cli.note(`berth: it is ${ended.state} still; berth prompts ls ${target} shows it`);
		return EXIT.timeout;
	}
	if (status !== 0)
		cli.note(`berth: the prompt ${ended.state}: ${ended.detail ?? ended.stopReason ?? "no reason given"}`);
	return status;
};

async function upload(api: Api, file: string): Promise<Image> {
	let bytes: Uint8Array<ArrayBuffer>;
	try {
		bytes = new Uint8Array(readFileSync(file));
	} catch (error) {
		throw new BerthError("invalid_image", `${file} cannot be read: ${(error as Error).message}`);
	}
	const headers = { "content-type": "application/octet-stream" };
	const response = await api.client.fetch("/images", { method: "POST", headers, body: bytes });
	return (await response.json()) as Image;
}

/** Where the conversation ends now; null for an agent whose messages are not known. */
async function cursorOf(api: Api, target: string): Promise<number | null> {
	try {
		return (await conversationPage(api, target, { limit: 1 })).next;
	} catch (error) {
		if (error instanceof BerthError && error.code === "not_an_agent") return null;
		throw error;
	}
}

/** The prompt when it has ended, or as it is after `timeoutMs`. */
async function waitFor(
	api: Api,
	target: string,
	id: string,
	timeoutMs = Number.POSITIVE_INFINITY,
): Promise<Prompt> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const wait = Math.max(0, Math.min(WAIT_STEP_MS, Math.ceil(deadline - performance.now())));
		const prompt = await api.json<Prompt>(`${api.targetPath(target)}/prompts/${id}?wait=${wait}`);
		if (statuses[prompt.state] !== undefined || performance.now() >= deadline) return prompt;
	}
}

/** Prints what comes after the prompt's own message, as it comes. */
class AnswerPrinter {
	readonly #api: Api;
	readonly #target: string;
	readonly #promptId: string;
	readonly #printer: ConversationPrinter;
	readonly #over = new AbortController();
	readonly #following: Promise<void>;
	/** Place of the prompt in the conversation; null until it is there. */
	#start: number | null = null;
	#cursor: number;

	constructor(cli: Cli, api: Api, target: string, promptId: string, from: number) {
		this.#api = api;
		this.#target = target;
		this.#promptId = promptId;
		this.#printer = new ConversationPrinter(cli);
		this.#cursor = from;
		this.#following = this.#follow();
		// Told by `finish`, which may be later than the runtime waits with calling it unhandled.
		this.#following.catch(() => {});
	}

	/** The prompt has ended: the rest is printed. */
	async finish(): Promise<void> {
		this.#over.abort();
		await this.#following;
		for (;;) {
			const { items } = await conversationPage(this.#api, this.#target, { after: this.#cursor });
			if (items.length === 0) break;
			for (const item of items) this.#take(item);
		}
		this.#printer.end();
	}

	async #follow(): Promise<void> {
		const items = followConversation(this.#api, this.#target, this.#cursor, this.#over.signal);
		for await (const item of items) this.#take(item);
	}

	#take(item: Item): void {
		this.#cursor = item.cursor;
		const { body, index } = item;
		if (body.type === "message" && body.promptId === this.#promptId) this.#start = index;
		else if (this.#start !== null && index > this.#start) this.#printer.item(item);
	}
}
