/** From the start of the attach command to the last line of the session's screen in the user's terminal, with 5,000 lines above it. */
import { join } from "node:path";
import { type Row, rounds } from "../bench.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { Terminal } from "../terminal.ts";

const ATTACHES = { full: 40, quick: 10 } as const;
const LAST = "painted-to-the-end";
const SESSION = "scrollback";

interface Way {
	name: string;
	contestant: Contestant;
	argv: string[];
}

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
		const ways: Way[] = contestants.map((contestant) => ({
			name: contestant.name,
			contestant,
			argv: contestant.attach(SESSION),
		}));
		// What the others paint: the screen without its history.
		const berth = bench.berths[0]!;
		const argv = [...berth.attach(SESSION), "--scrollback", "0"];
		ways.push({ name: `${berth.name}, screen only`, contestant: berth, argv });
		const times = new Map<string, number[]>(ways.map(({ name }) => [name, []]));
		const painted = new Map<string, number>();
		for (const { name, contestant, argv } of rounds(bench.quick ? ATTACHES.quick : ATTACHES.full, ways)) {
			await using terminal = new Terminal(argv, contestant.env, contestant.folder);
			const at = await terminal.shows(LAST);
			times.get(name)!.push(at - terminal.startedAt);
			painted.set(name, terminal.total);
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
				note: `painted: ${sizes}; berth paints the scrollback into the user's own terminal, screen only is attach --scrollback 0`,
			},
		];
	},
};
