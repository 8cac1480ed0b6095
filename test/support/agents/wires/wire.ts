/** What the wire formats of the scripted model (model-api.ts) share. */

/** What the model is asked. */
export interface Question {
	model: string;
	/** The last thing that the user said. */
	text: string;
	/** All that the user has said, in order. */
	history: string[];
	/** What the tools answered that were called since. */
	results: string[];
	/** Media types of the images in the conversation. */
	images: string[];
	/** Names of the tools that the agent offers. */
	tools: string[];
}

/** What it says: text, or one call of a tool. A tool whose input is free text gets that. */
export type Reply =
	| { text: string; thinking?: string }
	| { tool: string; input: Record<string, unknown> | string };

/** One API: null for a request that is none of its own. */
export type Wire = (
	request: Request,
	ask: (question: Question) => Promise<Reply>,
) => Promise<Response | null>;

/** Takes what the user said, and forgets what tools answered before it. What agents add for the model alone is none of it. */
export function hear(question: Question, text: string): void {
	if (text.trim() === "" || /^\s*(<|# AGENTS\.md|\[Request interrupted)/.test(text)) return;
	question.history.push(text);
	Object.assign(question, { text, results: [] });
}

export function newQuestion(model: string, tools: readonly string[]): Question {
	return { model, text: "", history: [], results: [], images: [], tools: [...tools] };
}

/** A stream of server-sent events; `type` is also the event's name where the API has names. */
export function eventStream(events: readonly object[]): Response {
	const lines = events.map((event) => {
		const name = "type" in event ? `event: ${event.type}\n` : "";
		return `${name}data: ${JSON.stringify(event)}\n\n`;
	});
	return new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } });
}

/** Words one by one. */
export const pieces = (text: string): string[] => text.split(/(?<= )/);

export function halves(text: string): string[] {
	const middle = Math.floor(text.length / 2);
	return [text.slice(0, middle), text.slice(middle)];
}

/** The media type of a data URL; null for any other. */
export function dataUrlType(url: string | undefined): string | null {
	return /^data:([^;,]+)/.exec(url ?? "")?.[1] ?? null;
}
