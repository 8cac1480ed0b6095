import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";
import { type decodeData, SNAPSHOT } from "../../src/contract/stream.ts";
import { AttachStream } from "../../src/link/client.ts";
import { Berth, until } from "../support/berth.ts";

/**
 * More than the client's queue and every socket buffer on the way together, in bursts that a client which reads can take on any
 * machine: overtaken by a burst it would be resynced too, and rightly.
 */
const BURSTS = 40;
const LINES_PER_BURST = 10_000;

test("a client stopped with SIGSTOP delays nobody and ends with the exact screen", async () => {
	await using berth = await Berth.start();
	const { body } = await berth.api<Session>("POST", "/sessions", {
		name: "flood",
		command: [
			"sh",
			"-c",
			`read go; for burst in $(seq ${BURSTS}); do seq ${LINES_PER_BURST}; sleep 0.05; done; echo the-very-end; exec sleep 600`,
		],
	});
	const socket = body.workers[0]!.socket!;
	const child = Bun.spawn(
		[process.execPath, join(import.meta.dir, "../support/attached-client.ts"), socket],
		{ stdout: "pipe", stdin: "ignore" },
	);
	const reports = lines(child.stdout);
	expect(JSON.parse((await reports.next()).value!)).toMatchObject({ type: "hello" });
	child.kill("SIGSTOP");

	const fast = await attachFast(socket);
	fast.stream.input(new TextEncoder().encode("go\r"));
	await until(() => fast.text().includes("the-very-end"), "the fast client has everything");
	expect(fast.contiguous()).toBe(true);
	expect(fast.snapshots()).toBe(1);

	child.kill("SIGCONT");
	await until(async () => {
		const report = JSON.parse((await reports.next()).value!) as {
			type: string;
			sawEnd: boolean;
			resyncs: number;
		};
		return report.type === "state" && report.sawEnd && report.resyncs > 0;
	}, "the stalled client was told resync and has the exact end of the output");
	child.kill("SIGKILL");
	await child.exited;
	fast.stream.close();
});

interface Fast {
	stream: AttachStream;
	text(): string;
	contiguous(): boolean;
	snapshots(): number;
}

async function attachFast(socket: string): Promise<Fast> {
	let tail = "";
	let next = -1;
	let whole = true;
	let snapshots = 0;
	const decoder = new TextDecoder();
	const stream = await AttachStream.open(
		socket,
		{ role: "writer" },
		{
			onMessage() {},
			onData({ kind, offset, bytes }: NonNullable<ReturnType<typeof decodeData>>) {
				if (kind === SNAPSHOT) {
					snapshots++;
					next = offset;
					return;
				}
				if (offset !== next) whole = false;
				next = offset + bytes.length;
				tail = (tail + decoder.decode(bytes)).slice(-1000);
			},
			onClose() {},
		},
	);
	await until(() => snapshots > 0, "the fast client is attached");
	return { stream, text: () => tail, contiguous: () => whole, snapshots: () => snapshots };
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, string> {
	let rest = "";
	const decoder = new TextDecoder();
	for await (const chunk of stream) {
		rest += decoder.decode(chunk, { stream: true });
		for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
			yield rest.slice(0, end);
			rest = rest.slice(end + 1);
		}
	}
	return rest;
}
