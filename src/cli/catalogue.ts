/** The commands by what somebody types. Which there are: registry/index.ts. */
import type { CommandSpec } from "./command-spec.ts";

export class Catalogue<Command extends { spec: CommandSpec } = { spec: CommandSpec }> {
	/** In the order in which help lists them, hidden ones included. */
	readonly commands: readonly Command[];

	constructor(commands: readonly Command[]) {
		this.commands = commands;
	}

	/** Those that people are told of. */
	get shown(): Command[] {
		return this.commands.filter(({ spec }) => !spec.hidden);
	}

	/** The command that the words name, and the words that are left for it. */
	find(words: readonly string[]): { command: Command; rest: string[] } | null {
		for (const length of [3, 2, 1]) {
			const name = words.slice(0, length).join(" ");
			const found = this.commands.find(({ spec }) => spec.name === name || spec.alias === name);
			if (found && words.length >= length) return { command: found, rest: words.slice(length) };
		}
		return null;
	}

	/** The commands below words that are none by themselves: `daemon`, `token`, `permissions rules`. */
	family(words: string): Command[] {
		return this.commands.filter(({ spec }) => spec.name.startsWith(`${words} `));
	}

	/** What may follow these words in a command's name: `ls`, `show` and `rules` after `permissions`. */
	nextWords(words: string): string[] {
		const below = this.family(words).filter(({ spec }) => !spec.hidden);
		return [...new Set(below.map(({ spec }) => spec.name.slice(words.length + 1).split(" ")[0]!))];
	}

	/** First words of commands' names, in the order of help. */
	firstWords(): Set<string> {
		return new Set(this.shown.map(({ spec }) => spec.name.split(" ")[0]!));
	}

	/** First words that somebody may have meant: those, and the second names of some. */
	typedWords(): Set<string> {
		return new Set([...this.firstWords(), ...this.shown.flatMap(({ spec }) => spec.alias ?? [])]);
	}
}
