/** Values of flags that have a form of their own. */
import { UsageError } from "../command.ts";

/** `KEY=VALUE` pairs; a bare `KEY` takes its value from our own environment, as docker's --env does. */
export function parseEnv(
	pairs: readonly string[],
	own: Record<string, string | undefined>,
	command: string,
): Record<string, string> {
	const env: Record<string, string> = {};
	for (const pair of pairs) {
		const equals = pair.indexOf("=");
		const name = equals === -1 ? pair : pair.slice(0, equals);
		if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
			throw new UsageError(`--env takes KEY=VALUE, not "${pair}"`, command);
		}
		const value = equals === -1 ? own[name] : pair.slice(equals + 1);
		if (value !== undefined) env[name] = value;
	}
	return env;
}

/** `120x40`. */
export function parseSize(text: string, command: string): { cols: number; rows: number } {
	const match = /^(\d+)x(\d+)$/.exec(text);
	if (!match) throw new UsageError(`--size takes COLSxROWS such as 120x40, not "${text}"`, command);
	return { cols: Number(match[1]), rows: Number(match[2]) };
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", e: "\x1b", "\\": "\\" };

/** `\n`, `\r`, `\t`, `\e` and `\\` as the characters that they name; any other backslash stays. */
export function readEscapes(text: string): string {
	return text.replace(/\\([nrte\\])/g, (_, letter: string) => escapes[letter]!);
}
