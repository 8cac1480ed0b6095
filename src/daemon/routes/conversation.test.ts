import { afterEach, beforeEach, expect, test } from "bun:test";
import type { ConversationPage, Image } from "../../contract/conversation.ts";
import { IMAGE_LIMIT_BYTES } from "../../contract/limits.ts";
import { putItems } from "../../store/items.ts";
import { addAgent } from "../services/agents/testing.ts";
import { type TestDaemon, testDaemon } from "../testing.ts";

let daemon: TestDaemon;
beforeEach(() => {
	daemon = testDaemon();
	addAgent(daemon.context.store);
});
afterEach(() => daemon.dispose());

const JSON_ONLY = { headers: { accept: "application/json" } };

function says(...texts: string[]): void {
	const { store } = daemon.context;
	for (const text of texts) {
		store.bookkeep((bookkeeping) =>
			putItems(bookkeeping, "w_1", [
				{
					...{ workerId: "w_1", id: text, index: 0, generation: 1, at: 1, updatedAt: 1 },
					body: { type: "message", role: "assistant", parts: [{ type: "text", text }], done: true },
				},
			]),
		);
	}
	daemon.context.agents.conversations.changed();
}

async function pageOf(query: string): Promise<ConversationPage> {
	const answer = await daemon.ask("unix", `/sessions/work/conversation${query}`, JSON_ONLY);
	expect(answer.status).toBe(200);
	return (await answer.json()) as ConversationPage;
}

test("pages are read in both directions, by session and by worker", async () => {
	says("a", "b", "c");
	const { items, previous } = await pageOf("?limit=2");
	expect(items.map(({ id }) => id)).toEqual(["b", "c"]);
	expect((await pageOf(`?before=${previous}`)).items.map(({ id }) => id)).toEqual(["a"]);
	expect((await pageOf("?after=1")).items.map(({ id }) => id)).toEqual(["b", "c"]);
	const ofWorker = await daemon.ask("unix", "/sessions/work/workers/main/conversation", JSON_ONLY);
	expect(((await ofWorker.json()) as ConversationPage).items).toHaveLength(3);
});

test("the stream resumes after Last-Event-ID and goes on live", async () => {
	says("a", "b");
	const answer = await daemon.ask("unix", "/sessions/work/conversation", {
		headers: { "last-event-id": "1" },
	});
	expect(answer.headers.get("content-type")).toBe("text/event-stream");
	const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	const until = async (sentence: string): Promise<void> => {
		while (!text.includes(sentence)) text += (await reader.read()).value ?? "";
	};
	await until('id: 2\ndata: {"cursor":2,"workerId":"w_1","id":"b"');
	says("c");
	await until('id: 3\ndata: {"cursor":3,"workerId":"w_1","id":"c"');
	expect(text).not.toContain("id: 1\n");
	await reader.cancel();
});

test("a message that is being written comes whole, and then what is new of it where that is asked for", async () => {
	const write = (text: string, done: boolean): void => {
		daemon.context.store.bookkeep((bookkeeping) =>
			putItems(bookkeeping, "w_1", [
				{
					...{ workerId: "w_1", id: "m", index: 0, generation: 1, at: 1, updatedAt: 1 },
					body: { type: "message", role: "assistant", parts: [{ type: "text", text }], done },
				},
			]),
		);
		daemon.context.agents.conversations.changed();
	};
	const read = async (query: string): Promise<string[]> => {
		write("one", false);
		const answer = await daemon.ask("unix", `/sessions/work/conversation${query}`);
		const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
		let text = "";
		const events = () => text.split("\n").filter((line) => line.startsWith("data: "));
		const until = async (count: number): Promise<void> => {
			while (events().length < count) text += (await reader.read()).value ?? "";
		};
		await until(1);
		write("one two", false);
		await until(2);
		write("one two", true);
		await until(3);
		await reader.cancel();
		return events();
	};
	for (const data of await read("?after=0")) expect(data).toContain('"parts":[{"type":"text","text":"one');
	const [whole, ...rest] = await read("?after=3&appends=true");
	expect(whole).toContain('"text":"one"');
	expect(rest).toEqual([
		'data: {"cursor":5,"id":"m","updatedAt":1,"append":" two","done":false}',
		'data: {"cursor":6,"id":"m","updatedAt":1,"append":"","done":true}',
	]);
});

test("a cursor that was never given is refused, for pages and streams", async () => {
	says("a");
	for (const init of [JSON_ONLY, {}]) {
		const answer = await daemon.ask("unix", "/sessions/work/conversation?after=2", init);
		expect(answer.status).toBe(400);
		expect(await answer.json()).toMatchObject({ code: "bad_request", info: { newest: 1 } });
	}
});

test("a conversation is exported as Markdown and as JSON", async () => {
	says("hello");
	const markdown = await daemon.ask("unix", "/sessions/work/conversation/export");
	expect(markdown.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
	expect(await markdown.text()).toContain("## Assistant\n\nhello\n");
	const json = await daemon.ask("unix", "/sessions/work/conversation/export?format=json");
	expect(await json.json()).toMatchObject({ session: "work", worker: "main", items: [{ id: "hello" }] });
});

const png = Buffer.from("\x89PNG\r\n\x1a\n and more", "latin1");

function upload(body: Uint8Array, type: string): Promise<Response> {
	return daemon.ask("unix", "/images", {
		method: "POST",
		body: body as BodyInit,
		headers: { "content-type": type },
	});
}

test("an image is put in as bytes and served for ever, safely", async () => {
	const added = await upload(png, "image/png");
	expect(added.status).toBe(201);
	const image = (await added.json()) as Image;
	expect(image).toMatchObject({ mediaType: "image/png", bytes: png.length });
	const got = await daemon.ask("unix", `/images/${image.sha256}`);
	expect(Buffer.from(await got.arrayBuffer()).equals(png)).toBe(true);
	expect(got.headers.get("content-type")).toBe("image/png");
	expect(got.headers.get("cache-control")).toContain("immutable");
	expect(got.headers.get("x-content-type-options")).toBe("nosniff");
	expect(got.headers.get("content-security-policy")).toContain("default-src 'none'");
	const etag = got.headers.get("etag")!;
	const again = await daemon.ask("unix", `/images/${image.sha256}`, { headers: { "if-none-match": etag } });
	expect(again.status).toBe(304);
});

test("what is no image, or too large, is refused; no name leads out of the store", async () => {
	const refused = async (answer: Promise<Response>, status: number, code: string): Promise<void> => {
		const response = await answer;
		expect([response.status, (await response.json()) as object]).toMatchObject([status, { code }]);
	};
	await refused(upload(Buffer.from("<svg/>"), "image/png"), 400, "invalid_image");
	await refused(upload(png, "application/json"), 415, "unsupported_media_type");
	await refused(upload(png, "image/svg+xml"), 415, "unsupported_media_type");
	await refused(upload(new Uint8Array(IMAGE_LIMIT_BYTES + 1), "image/png"), 413, "too_large");
	for (const name of ["..%2f..%2fberth.db", "..%5cberth.db", "x".repeat(64), "a".repeat(64)])
		await refused(daemon.ask("unix", `/images/${name}`), 404, "blob_not_found");
	await refused(daemon.ask("tcp", `/images/${"a".repeat(64)}`), 401, "unauthorized");
});
