/** A line of a person's, typed into an agent's own screen: only where nothing else stands at its prompt, and it is seen what came of it. */
import type { HolderClient } from "../../../link/client.ts";
import type { ControlContext } from "../control-context.ts";
import { HOLDER_MS } from "./delivery.ts";
import type { Pattern } from "./pattern.ts";
import { standsAlone } from "./prompt-line.ts";
import { ANSWER_LINES, settled } from "./terminal-delivery.ts";
import { newLines } from "./terminal-turns.ts";

/** Milliseconds in which the agent should show what came of it, and between looks. */
const ANSWER_MS = 10_000;
const LOOK_MS = 200;

/** Characters of what the screen shows that are told. */
const SHOWN_LIMIT = 300;

const RETURN = "\r";
const BACKSPACE = "\x7f";

/** `occupied`: it would not have stood alone, and was taken out again; `shown` is what the agent said instead of taking it. */
export type Typed = "taken" | "occupied" | { shown: string };

/** `clock` is the daemon's. */
export async function typeLine(
	client: HolderClient,
	line: string,
	taken: Pattern,
	clock: Pick<ControlContext, "monotonic" | "sleep">,
): Promise<Typed> {
	const before = await shown(client);
	const { offset } = await client.call("status", {}, HOLDER_MS);
	await type(client, line);
	await settled(client, offset, clock);
	const { lines } = await client.call("screen", { format: "text" }, HOLDER_MS);
	if (!lines.some((row) => standsAlone(row, line))) {
		await type(client, BACKSPACE.repeat(line.length));
		return "occupied";
	}
	await type(client, RETURN);
	const deadline = clock.monotonic() + ANSWER_MS;
	for (;;) {
		const news = newLines(before, await shown(client));
		if (taken.find(news) !== null) return "taken";
		if (clock.monotonic() > deadline) return { shown: news.replaceAll(/\s+/g, " ").slice(-SHOWN_LIMIT) };
		await clock.sleep(LOOK_MS);
	}
}

async function shown(client: HolderClient): Promise<string> {
	return (await client.call("output", { lines: ANSWER_LINES }, HOLDER_MS)).text;
}

async function type(client: HolderClient, text: string): Promise<void> {
	await client.call("input", { data: Buffer.from(text).toString("base64") }, HOLDER_MS);
}
