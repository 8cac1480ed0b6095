/** A new session in a user's terminal, from the command's start to the shell's first prompt, less what the shell itself takes. */
import { type Row, rounds } from "../bench.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { PROMPT } from "../lab.ts";
import { Terminal } from "../terminal.ts";

const RUNS = { full: 30, quick: 8 } as const;
const SHELL = "shell alone";

export const create: Row = {
	name: "new",
	about: "new session to the first prompt",
	async measure(bench) {
		const subjects: (Contestant | null)[] = [null, ...bench.contestants];
		const times = new Map<string, number[]>(subjects.map((subject) => [subject?.name ?? SHELL, []]));
		const env = bench.lab.env(bench.lab.dir);
		let number = 0;
		for (const subject of rounds(bench.quick ? RUNS.quick : RUNS.full, subjects)) {
			const session = `new-${number++}`;
			const argv = subject?.create(session) ?? ["bash"];
			await using terminal = new Terminal(argv, subject?.env ?? env, subject?.folder);
			const at = await terminal.shows(PROMPT);
			times.get(subject?.name ?? SHELL)!.push(at - terminal.startedAt);
			await subject?.end(session);
		}
		const own = times.get(SHELL)!;
		times.delete(SHELL);
		return [
			{
				row: "new",
				title: "new session to first prompt, over the shell's own start",
				unit: "ms",
				better: "lower",
				series: [...times].map(([subject, values]) => ({
					subject,
					values: values.map((value, i) => value - own[i]!),
				})),
				goals: [{ statistic: "median", bound: { kind: "limit", value: 60 } }],
			},
		];
	},
};
