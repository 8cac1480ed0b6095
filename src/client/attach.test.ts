import { afterEach, expect, test } from "bun:test";
import type { Server, ServerWebSocket } from "bun";
import { encodeData, OUTPUT, type ServerMessage, SNAPSHOT } from "../contract/stream.ts";
import { type Attachment, attach } from "./attach.ts";

interface Peer {
	query: URLSearchParams;
}
type Socket = ServerWebSocket<Peer>;

let server: Server<Peer> | null = null;
let attachment: Attachment | null = null;
afterEach(async () => {
	attachment?.close();
	await server?.stop(true);
});

/** A server that plays one scene per connection, and an attachment to it whose story is written down. */
function play(...scenes: ((socket: Socket) => void)[]) {
	const story: string[] = [];
	const queries: string[] = [];
	const sent: (string | Uint8Array)[] = [];
	const ended = Promise.withResolvers<void>();
	server = Bun.serve<Peer>({
		port: 0,
		hostname: "127.0.0.1",
		fetch(request, self) {
			const query = new URL(request.url).searchParams;
			return self.upgrade(request, { data: { query } }) ? undefined : new Response(null, { status: 400 });
		},
		websocket: {
			open(socket) {
				queries.push(socket.data.query.toString());
				scenes.shift()?.(socket);
			},
			message: (_, message) =>
				void sent.push(typeof message === "string" ? message : new Uint8Array(message)),
		},
	});
	const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
	attachment = attach({
		url: `ws://127.0.0.1:${server.port}/attach`,
		cols: 80,
		rows: 24,
		onHello: ({ generation }) => story.push(`hello ${generation}`),
		onSnapshot: (bytes) => story.push(`snapshot ${text(bytes)}`),
		onOutput: (bytes) => story.push(`output ${text(bytes)}`),
		onSize: (cols, rows) => story.push(`size ${cols}x${rows}`),
		onResync: (reason) => story.push(`resync ${reason}`),
		onExit: ({ code }) => {
			story.push(`exit ${code}`);
			ended.resolve();
		},
		onError: ({ code }) => {
			story.push(`error ${code}`);
			ended.resolve();
		},
	});
	return { story, queries, sent, ended: ended.promise };
}

const say = (socket: Socket, message: ServerMessage) => socket.send(JSON.stringify(message));
const hello = (socket: Socket, generation: number, offset: number) =>
	say(socket, { type: "hello", workerId: "w_1", generation, cols: 80, rows: 24, role: "writer", offset });
const data = (socket: Socket, kind: typeof SNAPSHOT | typeof OUTPUT, offset: number, text: string) =>
	socket.send(encodeData(kind, offset, new TextEncoder().encode(text)));
const exit = (socket: Socket) => say(socket, { type: "exit", code: 0, signal: null, reason: "exited" });

test("a connection that goes is made again and resumes at the offset it had", async () => {
	const { story, queries, ended } = play(
		(socket) => {
			hello(socket, 2, 100);
			data(socket, SNAPSHOT, 100, "screen");
			data(socket, OUTPUT, 100, "abc");
			socket.close(1012);
		},
		(socket) => {
			hello(socket, 2, 103);
			data(socket, OUTPUT, 103, "def");
			exit(socket);
		},
	);
	await ended;
	expect(story).toEqual(["hello 2", "snapshot screen", "output abc", "hello 2", "output def", "exit 0"]);
	expect(queries).toEqual([
		"role=writer&cols=80&rows=24",
		"role=writer&cols=80&rows=24&from=103&generation=2",
	]);
});

test("a hole in the output is never painted over: a fresh snapshot is asked for", async () => {
	const { story, queries, ended } = play(
		(socket) => {
			hello(socket, 1, 0);
			data(socket, SNAPSHOT, 0, "");
			data(socket, OUTPUT, 5, "later");
		},
		(socket) => {
			hello(socket, 1, 10);
			data(socket, SNAPSHOT, 10, "whole");
			exit(socket);
		},
	);
	await ended;
	expect(story).toEqual(["hello 1", "snapshot ", "hello 1", "snapshot whole", "exit 0"]);
	expect(queries[1]).toBe("role=writer&cols=80&rows=24");
});

test("after a resync the snapshot is what counts", async () => {
	const { story, ended } = play((socket) => {
		hello(socket, 1, 0);
		data(socket, SNAPSHOT, 0, "a");
		say(socket, { type: "resync", reason: "slow" });
		data(socket, SNAPSHOT, 900, "b");
		data(socket, OUTPUT, 900, "c");
		exit(socket);
	});
	await ended;
	expect(story).toEqual(["hello 1", "snapshot a", "resync slow", "snapshot b", "output c", "exit 0"]);
});

test("a refusal ends it, with the reason", async () => {
	const { story, ended } = play((socket) =>
		say(socket, { type: "error", code: "session_ended", detail: "over" }),
	);
	await ended;
	expect(story).toEqual(["error session_ended"]);
});

test("input goes as bytes, sizes as messages", async () => {
	const opened = Promise.withResolvers<Socket>();
	const { story, sent, ended } = play((socket) => {
		hello(socket, 1, 0);
		data(socket, SNAPSHOT, 0, "");
		opened.resolve(socket);
	});
	const socket = await opened.promise;
	while (!story.includes("hello 1")) await Bun.sleep(5);
	attachment!.input("é\x1b");
	attachment!.resize(100, 30);
	while (sent.length < 2) await Bun.sleep(5);
	exit(socket);
	await ended;
	expect(sent[0]).toEqual(new TextEncoder().encode("é\x1b"));
	expect(JSON.parse(sent[1] as string)).toEqual({ type: "resize", cols: 100, rows: 30 });
});
