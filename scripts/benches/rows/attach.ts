/** From the start of the attach command to the last line of the session's screen in the user's terminal, with 5,000 lines above it. */
import { join } from "node:path";
import { type Row, rounds } from "../bench.ts";
import { Terminal } from "../terminal.ts";

const ATTACHES = { full: 40, quick: 10 } as const;
const LAST = "painted-to-the-end";
const SESSION = "scrollback";

const program = join(import.meta.dir, "../programs/scrollback.sh");

export const attach: Row = {
	name: "attach",
	about: "attach to the first full paint, 5,000 lines of scrollback",
	async measure(bench) {
		const contestants = bench.contestants.filter(({ keepsScreen }) => keepsScreen);
		for (const contestant of contestants) {
			await contestant.start(SESSION, ["bash", program]);
			for (;;) if ((await contestant.screen(SESSION))!.includes(LAST)) break;
		}
		const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
		const painted = new Map<string, number>();
		for (const contestant of rounds(bench.quick ? ATTACHES.quick : ATTACHES.full, contestants)) {
			await using terminal = new Terminal(contestant.attach(SESSION), contestant.env, contestant.folder);
			const at = await terminal.shows(LAST);
			times.get(contestant.name)!.push(at - terminal.startedAt);
			painted.set(contestant.name, terminal.total);
		}
		for (const contestant of contestants) await contestant.end(SESSION);
		const sizes = [...painted].map(([name, bytes]) => `${name} ${(bytes / 1000).toFixed(0)} KB`).join(", ");
		return [
			{
				row: "attach",
				title: "attach to first full paint, 5,000 lines of scrollback",
				unit: "ms",
				better: "lower",
				series: [...times].map(([subject, values]) => ({ subject, values })),
				goals: [{ statistic: "median", bound: { kind: "ratio", subject: "tmux", factor: 1 } }],
				note: `painted: ${sizes}; berth paints the scrollback into the user's own terminal`,
			},
		];
	},
};
