/**
 * Prompts for an agent that has a screen: pasted, then entered. Each step has a name that the holder remembers, so that a daemon which
 * died in between, and the next one, type it once.
 *
 * Its end is told by the agent's state (terminal-turns.ts).
 */
import type { HolderClient } from "../../../link/client.ts";
import type { PromptRow } from "../../../store/schema.ts";
import type { ControlContext } from "../control-context.ts";
import { type Delivery, failed, type Handed, HOLDER_MS } from "./delivery.ts";
import { linesBelow } from "./prompt-line.ts";

/**
 * Milliseconds of quiet after what was typed has been drawn, before Return is typed, and for how long either is waited for: programs take
 * a Return that comes with a paste for a part of it, and one that is slow reads both at once.
 */
const SETTLE_MS = { quiet: 250, longest: 3000, look: 50 } as const;

/** Milliseconds in which a text stands at the prompt, and between looks: an agent that starts draws other things first. */
const DRAWN_MS = { limit: 2000, look: 50 } as const;

/**
 * How often Return is typed, milliseconds for which a text stands at the prompt that was not taken, and for which it is gone that was, and
 * between looks: an agent that draws its screen anew shows it nowhere for a moment.
 */
const RETURNS = { tries: 15, stands: 2000, gone: 2000, look: 50 } as const;

type Clock = Pick<ControlContext, "monotonic" | "sleep">;

export interface TerminalDeliveryOptions extends Clock {
	turns: {
		/** What the terminal shows before the prompt is typed into it. */
		before(promptId: string, output: string): void;
		/** Whether it is known without a look at the screen that the agent took the prompt. */
		taken(promptId: string): boolean;
	};
}

/** What Escape does in every agent that has a screen: it stops what the agent is at, and never ends the agent. */
const INTERRUPT_KEYS = ["Escape"];

/** What opencode shows after one Escape: it wants another before it stops. */
const ONCE_MORE = /\besc again to interrupt\b/;

/** Milliseconds in which it shows that, and between looks. */
const ONCE_MORE_MS = { limit: 1000, look: 100 } as const;

export function terminalDelivery({ turns, ...clock }: TerminalDeliveryOptions): Delivery {
	return {
		async give(client, prompt, begins) {
			try {
				return await type(client, prompt, begins);
			} catch (error) {
				return failed(error);
			}
		},
		async interrupt(client) {
			await client.call("keys", { keys: INTERRUPT_KEYS }, HOLDER_MS);
			const wantsMore = async () => ONCE_MORE.exec((await rowsOf(client)).join("\n"));
			if (await found(clock, ONCE_MORE_MS, wantsMore))
				await client.call("keys", { keys: INTERRUPT_KEYS }, HOLDER_MS);
			return null;
		},
	};

	async function type(client: HolderClient, prompt: PromptRow, begins: () => void): Promise<Handed> {
		const { id, text } = prompt;
		const pasted = `${id}.text`;
		const entered = `${id}.enter`;
		const { typed, offset } = await client.call("status", {}, HOLDER_MS);
		if (typed !== entered) {
			if (typed !== pasted) {
				turns.before(id, (await client.call("output", { lines: ANSWER_LINES }, HOLDER_MS)).text);
				const data = Buffer.from(text.replaceAll("\r\n", "\n")).toString("base64");
				await client.call("input", { data, paste: true, once: pasted }, HOLDER_MS);
			}
			await settled(client, offset, clock);
		}
		// Before Return, for its effect may be seen at once.
		begins();
		await enter(client, prompt, { ...clock, taken: () => turns.taken(id) });
		return { outcome: "given" };
	}
}

/** Lines of output among which an answer is looked for. */
export const ANSWER_LINES = 2000;

/** Resolves when the agent has drawn what was typed at `offset`, and draws no more; soon, where it draws nothing. */
export async function settled(
	client: HolderClient,
	offset: number,
	{ monotonic, sleep }: Clock,
): Promise<void> {
	const deadline = monotonic() + SETTLE_MS.longest;
	while ((await client.call("status", {}, HOLDER_MS)).offset === offset && monotonic() < deadline)
		await sleep(SETTLE_MS.look);
	await client.call("wait", { idleMs: SETTLE_MS.quiet, timeoutMs: SETTLE_MS.longest }, HOLDER_MS);
}

/**
 * Types Return, once however often it is asked. One after which the text still stands at the prompt was not taken, as Gemini CLI takes none
 * while it starts: then it is typed again.
 */
async function enter(
	client: HolderClient,
	{ id, text }: PromptRow,
	clock: Clock & { taken: () => boolean },
): Promise<void> {
	const { monotonic, sleep, taken } = clock;
	const data = Buffer.from("\r").toString("base64");
	const line = text.trimEnd().split("\n").at(-1)!;
	const below = async () => linesBelow(await rowsOf(client), line);
	const before = (await below()) ?? (await found(clock, DRAWN_MS, below));
	await client.call("input", { data, once: `${id}.enter` }, HOLDER_MS);
	if (before === null) return;
	let since = monotonic();
	let stood = true;
	for (let tries = 1; !taken(); ) {
		await sleep(RETURNS.look);
		const now = await below();
		const stands = now !== null && now <= before;
		if (stands !== stood) since = monotonic();
		stood = stands;
		if (monotonic() - since < (stands ? RETURNS.stands : RETURNS.gone)) continue;
		if (!stands || tries++ === RETURNS.tries) return;
		await client.call("input", { data }, HOLDER_MS);
		since = monotonic();
	}
}

/** Looks again and again; null when there was nothing within the limit. */
async function found<T>(
	{ monotonic, sleep }: Clock,
	{ limit, look }: { limit: number; look: number },
	find: () => Promise<T | null>,
): Promise<T | null> {
	const deadline = monotonic() + limit;
	while (monotonic() < deadline) {
		await sleep(look);
		const value = await find();
		if (value !== null) return value;
	}
	return null;
}

async function rowsOf(client: HolderClient): Promise<readonly string[]> {
	return (await client.call("screen", { format: "text" }, HOLDER_MS)).lines;
}
