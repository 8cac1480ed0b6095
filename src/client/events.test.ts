import { describe, expect, test } from "bun:test";
import { BerthError } from "../contract/errors.ts";
import { followEvents } from "./events.ts";
import type { Fetcher } from "./http.ts";
import { readEvents } from "./sse.ts";

function stream(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
	return new ReadableStream({
		start(controller) {
			for (const chunk of chunks)
				controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
			controller.close();
		},
	});
}

async function all(body: ReadableStream<Uint8Array>) {
	const events = [];
	for await (const { id, event, data } of readEvents(body)) events.push([id, event, data]);
	return events;
}

describe("server-sent events", () => {
	const text =
		": hello\nid: 1\ndata: a\n\nid:2\r\nevent: x\r\ndata: é1\r\ndata:  two\r\n\r\ndata\n\nretry: 5\n\ndata: cut";
	const expected = [
		["1", "message", "a"],
		["2", "x", "é1\n two"],
		["2", "message", ""],
	];

	test("are read as the standard says", async () => {
		expect(await all(stream(text))).toEqual(expected);
	});

	test("are the same wherever the stream is cut", async () => {
		const bytes = new TextEncoder().encode(text);
		for (let at = 1; at < bytes.length; at++) {
			expect(await all(stream(bytes.slice(0, at), bytes.slice(at)))).toEqual(expected);
		}
	});
});

describe("following events", () => {
	const event = (seq: number) => ({
		seq,
		at: 0,
		type: "worker.bell",
		sessionId: null,
		workerId: null,
		data: {},
	});
	const body = (...seqs: number[]) =>
		new Response(stream(seqs.map((seq) => `id: ${seq}\ndata: ${JSON.stringify(event(seq))}\n\n`).join("")));

	test("resumes after the last event seen, and shows none twice", async () => {
		const asked: (string | null)[] = [];
		const answers = [
			() => body(4, 5),
			() => {
				throw new BerthError("daemon_unreachable", "gone");
			},
			() => body(5, 6),
		];
		const fetch: Fetcher = async (_, init) => {
			asked.push(new Headers(init?.headers).get("last-event-id"));
			return answers.shift()!();
		};
		const stop = new AbortController();
		const seen: number[] = [];
		for await (const { seq } of followEvents(fetch, { after: 3 }, stop.signal)) {
			seen.push(seq);
			if (seq === 6) stop.abort();
		}
		expect(seen).toEqual([4, 5, 6]);
		expect(asked).toEqual(["3", "5", "5"]);
	});

	test("says at once that what was missed is no longer kept", async () => {
		const fetch: Fetcher = async () => {
			throw new BerthError("cursor_too_old", "the oldest is 9", { oldest: 9 });
		};
		const next = followEvents(fetch, { after: 1 }).next();
		await expect(next).rejects.toMatchObject({ code: "cursor_too_old" });
	});

	test("ends when it is told to, also while it waits to try again", async () => {
		const stop = new AbortController();
		const fetch: Fetcher = async () => {
			queueMicrotask(() => stop.abort());
			throw new BerthError("daemon_unreachable", "gone");
		};
		expect(await followEvents(fetch, {}, stop.signal).next()).toEqual({ done: true, value: undefined });
	});
});
