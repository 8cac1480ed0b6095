import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import type { Notice } from "../../src/contract/link.ts";
import { until } from "../support/berth.ts";
import { Home } from "../support/holder.ts";

/** Longer than any clock of the runtime and its allocator that could run on: the slowest are of 30 s. */
const SILENCE_MS = 35_000;

/** What is done once after a start comes up to 75 s later. */
const LIMIT_MS = 180_000;

/** How often a thread of the process was woken so far. */
function wakeUps(pid: number): number {
	let total = 0;
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1");
		total += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
	}
	return total;
}

test.if(process.platform === "linux")(
	"an idle holder sleeps while the daemon listens to it, and still tells at once what happens",
	async () => {
		await using home = new Home();
		const holder = await home.start({ argv: ["/bin/cat"] });
		const notices: Notice[] = [];
		const daemon = await holder.connect((notice) => notices.push(notice));
		daemon.subscribe();
		await until(() => notices.length > 0, "the status comes first");
		let seen = { count: 0, at: 0 };
		await until(
			() => {
				const count = wakeUps(holder.holderPid);
				if (count !== seen.count) seen = { count, at: performance.now() };
				return performance.now() - seen.at > SILENCE_MS;
			},
			"nothing wakes it for longer than any clock",
			LIMIT_MS,
		);
		await daemon.call("input", { data: btoa("\x1b]2;awake\x07\r") }, 10_000);
		await until(
			() => notices.some((notice) => notice.kind === "title" && notice.title === "awake"),
			"the title is told",
		);
		expect(await daemon.call("status", {}, 10_000)).toMatchObject({ pid: holder.pid });
	},
);
