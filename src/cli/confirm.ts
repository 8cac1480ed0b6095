/** Asks a person before something is done; a script said what it means. */
import type { Cli } from "./cli.ts";

export async function agreed(cli: Cli, question: string): Promise<boolean> {
	if (!cli.stdinIsTerminal || !cli.stdoutIsTerminal) return true;
	cli.write(`${question} [y/N] `);
	for await (const line of console) return /^y(es)?$/i.test(line.trim());
	return false;
}
