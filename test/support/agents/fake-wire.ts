/** Lines of JSON on the standard streams, for the tests' agent. */

import { hearsEnd } from "./scenarios.ts";

export type Message = Record<string, unknown>;

export function send(message: Message): void {
	process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Calls back for every line until standard input ends, then ends the process, unless it is deaf to that. */
export async function listen(onMessage: (message: Message) => void): Promise<void> {
	for await (const line of console) if (line !== "") onMessage(JSON.parse(line) as Message);
	if (hearsEnd()) process.exit(0);
}

/** The value after an option. */
export function optionValue(options: string[], name: string): string | null {
	const at = options.indexOf(name);
	return at === -1 ? null : (options[at + 1] ?? null);
}
