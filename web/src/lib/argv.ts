/** A command line as words: blanks separate, quotes and backslashes keep together. No expansion: no shell is involved. */
import { BerthError } from "../../../src/contract/errors.ts";

export function splitArgv(text: string): string[] {
	const words: string[] = [];
	let word: string | null = null;
	let quote: '"' | "'" | null = null;
	for (let at = 0; at < text.length; at++) {
		const character = text[at]!;
		if (quote !== null) {
			if (character === quote) quote = null;
			else if (character === "\\" && quote === '"' && /["\\$`]/.test(text[at + 1] ?? "")) word += text[++at]!;
			else word += character;
		} else if (character === '"' || character === "'") {
			quote = character;
			word ??= "";
		} else if (character === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at]!;
		else if (/\s/.test(character)) {
			if (word !== null) words.push(word);
			word = null;
		} else word = (word ?? "") + character;
	}
	if (quote !== null)
		throw new BerthError("invalid_command", `the quote ${quote} is not closed`, { field: "command" });
	if (word !== null) words.push(word);
	return words;
}

/** `NAME=value` lines as an environment. */
export function parseEnv(text: string): Record<string, string> {
	const env: Record<string, string> = {};
	for (const line of text.split("\n")) {
		if (line.trim() === "") continue;
		const at = line.indexOf("=");
		const name = line.slice(0, at).trim();
		if (at < 1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
			throw new BerthError("bad_request", `“${line.trim()}” is not NAME=value`, { field: "env" });
		}
		env[name] = line.slice(at + 1);
	}
	return env;
}
