/** What every row is given. */
import type { BerthContestant } from "./contestants/berth.ts";
import type { Contestant } from "./contestants/contestant.ts";
import type { Lab } from "./lab.ts";
import type { Metric } from "./metric.ts";

export interface Bench {
	readonly lab: Lab;
	/** Berth first, then the build it is compared with if any, then the others. All are prepared. */
	readonly contestants: readonly Contestant[];
	readonly berths: readonly BerthContestant[];
	readonly quick: boolean;
	/** Progress, for whoever waits. */
	say(line: string): void;
	/** How many sessions there are at once in the rows that are about many: a hundred, fewer where it has to be quick. */
	readonly sessions: number;
	/** As many idle shells in every contestant, which have come to rest; made once. */
	crowd(): Promise<void>;
}

export interface Row {
	/** For `--only`. */
	readonly name: string;
	readonly about: string;
	measure(bench: Bench): Promise<Metric[]>;
}

/** Each gets a list to fill; the first of a round changes, so that none always comes after the same. */
export function* rounds<T>(count: number, subjects: readonly T[]): Generator<T> {
	for (let round = 0; round < count; round++) {
		for (let i = 0; i < subjects.length; i++) yield subjects[(round + i) % subjects.length]!;
	}
}
