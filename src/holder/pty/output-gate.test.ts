/** What the conformance suite cannot see of the gate: losses so rare that only far more turns than it takes by itself show them. */
import { expect, test } from "bun:test";
import { OutputGate } from "./output-gate.ts";

const LIMIT_MS = 60_000;

interface Passage {
	bytes: number;
	turns: number;
	/** Chunks that the runtime read between two turns, at most. */
	longest: number;
}

/** What of a script's output comes through a terminal's gate. `work` is what a reader does with each chunk. */
async function throughGate(script: string, turnBytes: number, work: () => void): Promise<Passage> {
	const passage: Passage = { bytes: 0, turns: 0, longest: 0 };
	let sinceTurn = 0;
	const opened: OutputGate[] = [];
	let over = false;
	const take = (output: Uint8Array): void => {
		passage.bytes += output.length;
		work();
	};
	const child = Bun.spawn(["/bin/sh", "-c", script], {
		terminal: {
			cols: 80,
			rows: 24,
			data(_, output) {
				opened[0]?.release();
				const began = performance.now();
				take(output);
				passage.longest = Math.max(passage.longest, ++sinceTurn);
				if (opened.length === 0) opened.push(OutputGate.of(child.pid, take, turnBytes)!);
				opened[0]!.passed(output.length, performance.now() - began);
			},
			exit() {
				opened[0]?.release();
				over = true;
			},
		},
	});
	const turn = (): void => {
		passage.turns++;
		sinceTurn = 0;
		if (!over) setImmediate(turn);
	};
	turn();
	await child.exited;
	const end = performance.now() + LIMIT_MS;
	while (!over && performance.now() < end) await Bun.sleep(5);
	expect(over).toBe(true);
	opened[0]?.close();
	child.terminal!.close();
	return passage;
}

const onLinux = test.if(process.platform === "linux");

onLinux(
	"a thousand turns in a flood of short lines cost not even a line end",
	async () => {
		const lines = 3_000_000;
		const { bytes, turns } = await throughGate(`yes | head -n ${lines}`, 4096, () => {});
		expect(bytes).toBe(lines * "y\r\n".length);
		expect(turns).toBeGreaterThan(1000);
	},
	LIMIT_MS,
);

onLinux(
	"output that takes long to work through leaves others their turn, however few bytes it is",
	async () => {
		const script = "stty raw -echo; head -c 20000000 /dev/zero";
		const { bytes, longest } = await throughGate(script, 1024 ** 3, () => Bun.sleepSync(5));
		expect(bytes).toBe(20_000_000);
		expect(longest).toBeLessThanOrEqual(20);
	},
	LIMIT_MS,
);
