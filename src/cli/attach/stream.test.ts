import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnixSocketListener } from "bun";
import type { BerthError } from "../../contract/errors.ts";
import type { LinkServerMessage } from "../../contract/lending.ts";
import type { Exit } from "../../contract/state.ts";
import { encodeData, OUTPUT, SNAPSHOT } from "../../contract/stream.ts";
import { Connection, socketHandlers } from "../../link/connection.ts";
import { parseMessage } from "../../link/framing.ts";
import { NO_MARKS } from "../../terminal/output-tracker.ts";
import { type StreamHost, type Whereabouts, WorkerStream } from "./stream.ts";

let folder: string;
let stream: WorkerStream | null = null;
const listeners: UnixSocketListener<Connection>[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "s-"));
});
afterEach(() => {
	stream?.close();
	for (const listener of listeners.splice(0)) listener.stop(true);
	rmSync(folder, { recursive: true, force: true });
});

/** One end of the protocol as a holder has it: what a client asks is written down, and a scene is played for each connection. */
function holder(
	name: string,
	...scenes: ((peer: Peer) => void)[]
): { path: string; asked: object[]; stop: () => void } {
	const path = join(folder, name);
	const asked: object[] = [];
	const listener = Bun.listen<Connection>({
		unix: path,
		socket: {
			...socketHandlers,
			open(socket) {
				const connection = new Connection({
					onFrame(frame) {
						asked.push(parseMessage<object>(frame));
						scenes.shift()?.(new Peer(connection));
					},
					onClose: () => {},
				});
				socket.data = connection;
				connection.attachSocket(socket);
			},
		},
	});
	listeners.push(listener);
	return { path, asked, stop: () => listener.stop(true) };
}

class Peer {
	constructor(readonly connection: Connection) {}
	say(message: LinkServerMessage): this {
		this.connection.sendMessage(message);
		return this;
	}
	hello(generation: number, offset: number): this {
		return this.say({
			type: "hello",
			workerId: "w_1",
			generation,
			cols: 80,
			rows: 24,
			role: "writer",
			offset,
		});
	}
	data(kind: typeof SNAPSHOT | typeof OUTPUT, offset: number, text: string): this {
		this.connection.sendBinary(encodeData(kind, offset, new TextEncoder().encode(text)));
		return this;
	}
	exit(exit: Exit): this {
		return this.say({ type: "exit", ...exit });
	}
	hangUp(): void {
		this.connection.end();
	}
}

class Host implements StreamHost {
	story: string[] = [];
	whereabouts: Whereabouts | null = null;
	recorded: Exit | null = null;
	#ended = Promise.withResolvers<void>();
	readonly ended = this.#ended.promise;

	request() {
		return { role: "writer" as const, cols: 80, rows: 24 };
	}
	async locate() {
		return this.whereabouts;
	}
	returns(exit: Exit) {
		return exit.reason === "stopped";
	}
	recordedExit() {
		return this.recorded;
	}
	onSnapshot(bytes: Uint8Array) {
		this.story.push(`snapshot ${new TextDecoder().decode(bytes)}`);
	}
	onOutput(bytes: Uint8Array) {
		this.story.push(`output ${new TextDecoder().decode(bytes)}`);
	}
	onSize() {}
	onHolder() {}
	onMarks() {}
	onReturned(left: object | null) {
		this.story.push(left === null ? "alone" : "returned");
	}
	onDetach() {
		this.story.push("detach");
	}
	onHangup() {
		this.story.push("hangup");
	}
	onLost() {
		this.story.push("lost");
	}
	onBack() {}
	onExit({ code, reason }: Exit) {
		this.story.push(`exit ${code} ${reason}`);
		this.#ended.resolve();
	}
	onError({ code }: BerthError) {
		this.story.push(`error ${code}`);
		this.#ended.resolve();
	}
}

const exited: Exit = { code: 0, signal: null, reason: "exited" };

test("a connection that breaks is resumed at the offset it had, with the same generation", async () => {
	const { path, asked } = holder(
		"a.sock",
		(peer) => peer.hello(3, 10).data(SNAPSHOT, 10, "screen").data(OUTPUT, 10, "abc").hangUp(),
		(peer) => peer.hello(3, 13).data(OUTPUT, 13, "def").exit(exited),
	);
	const host = new Host();
	stream = new WorkerStream(host, path, 3);
	await stream.open();
	await host.ended;
	expect(host.story).toEqual(["snapshot screen", "output abc", "output def", "exit 0 exited"]);
	expect(asked).toEqual([
		{ type: "attach", role: "writer", cols: 80, rows: 24, lends: true },
		{ type: "attach", role: "writer", cols: 80, rows: 24, from: 13, generation: 3, lends: true },
	]);
});

test("after a resync only a snapshot goes on, and a hole asks for one", async () => {
	const { path, asked } = holder(
		"a.sock",
		(peer) =>
			peer
				.hello(1, 0)
				.data(SNAPSHOT, 0, "a")
				.say({ type: "resync", reason: "slow" })
				.data(SNAPSHOT, 900, "b")
				.data(OUTPUT, 900, "c")
				.data(OUTPUT, 999, "hole"),
		(peer) => peer.hello(1, 1010).data(SNAPSHOT, 1010, "whole").exit(exited),
	);
	const host = new Host();
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	await host.ended;
	expect(host.story).toEqual(["snapshot a", "snapshot b", "output c", "snapshot whole", "exit 0 exited"]);
	expect(asked[1]).toEqual({ type: "attach", role: "writer", cols: 80, rows: 24, lends: true });
});

test("a worker that is restarted is followed to its new socket, from a snapshot", async () => {
	const host = new Host();
	const next = holder("b.sock", (peer) => peer.hello(2, 0).data(SNAPSHOT, 0, "anew").exit(exited));
	const { path } = holder("a.sock", (peer) => {
		host.whereabouts = {
			socket: null,
			generation: 1,
			exit: { code: null, signal: "HUP", reason: "stopped" },
		};
		peer.hello(1, 0).data(SNAPSHOT, 0, "old").exit({ code: null, signal: "HUP", reason: "stopped" });
		setImmediate(() => {
			host.whereabouts = { socket: next.path, generation: 2, exit: null };
		});
	});
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	await host.ended;
	expect(host.story.filter((line) => line !== "lost")).toEqual([
		"snapshot old",
		"snapshot anew",
		"exit 0 exited",
	]);
	expect(next.asked).toEqual([{ type: "attach", role: "writer", cols: 80, rows: 24, lends: true }]);
});

test("an exit that came while the connection was down is found on disk, without the daemon", async () => {
	const host = new Host();
	const { path, stop } = holder("a.sock", (peer) => {
		peer.hello(1, 0).data(SNAPSHOT, 0, "a");
		host.recorded = { code: 7, signal: null, reason: "exited" };
		stop();
	});
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	await host.ended;
	expect(host.story.at(-1)).toBe("exit 7 exited");
});

test("a holder that is gone for good ends it with what the daemon knows", async () => {
	const host = new Host();
	const { path, stop } = holder("a.sock", (peer) => {
		peer.hello(1, 0).data(SNAPSHOT, 0, "a");
		host.whereabouts = { socket: null, generation: 1, exit: { code: null, signal: null, reason: "lost" } };
		stop();
	});
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	await host.ended;
	expect(host.story.at(-1)).toBe("exit null lost");
});

test("a refusal is told, and nothing is tried again", async () => {
	const host = new Host();
	const { path, asked } = holder("a.sock", (peer) =>
		peer.say({ type: "error", code: "forbidden", detail: "no" }).hangUp(),
	);
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	await host.ended;
	expect(host.story).toEqual(["error forbidden"]);
	expect(asked.length).toBe(1);
});

test("nobody at the socket is an error at once", async () => {
	stream = new WorkerStream(new Host(), join(folder, "none.sock"), 1);
	await expect(stream.open()).rejects.toMatchObject({ code: "holder_unreachable" });
});

const loan = {
	terminal: { path: "/dev/pts/none", file: "" },
	pid: process.pid,
	detachKeys: "ctrl-\\",
	offset: 11,
	marks: NO_MARKS,
};

/** A stream that has shown all there was and has lent its terminal; what the holder does then are the scenes. */
async function lent(...scenes: ((peer: Peer) => void)[]): Promise<{ host: Host; asked: object[] }> {
	const { path, asked } = holder(
		"a.sock",
		(peer) => peer.hello(1, 10).data(SNAPSHOT, 10, "a").data(OUTPUT, 10, "b"),
		...scenes,
	);
	const host = new Host();
	stream = new WorkerStream(host, path, 1);
	await stream.open();
	for (let waits = 0; stream.offset !== loan.offset; waits++) {
		if (waits > 1000) throw new Error(`the stream stands at ${stream.offset}`);
		await Bun.sleep(1);
	}
	stream.lend(loan);
	return { host, asked };
}

test("a terminal that was lent comes back where the holder stopped, and output goes on there", async () => {
	const { host, asked } = await lent((peer) =>
		peer
			.say({ type: "returned", offset: 50, marks: NO_MARKS, keys: { held: "", pasting: false } })
			.data(OUTPUT, 50, "c")
			.exit(exited),
	);
	await host.ended;
	expect(host.story).toEqual(["snapshot a", "output b", "returned", "output c", "exit 0 exited"]);
	expect(asked[1]).toMatchObject({ type: "lend", offset: 11 });
});

test("a terminal that was lent to a holder that is gone is painted anew: nobody knows what it shows", async () => {
	const { host, asked } = await lent(
		(peer) => peer.hangUp(),
		(peer) => peer.hello(1, 60).data(SNAPSHOT, 60, "c").exit(exited),
	);
	await host.ended;
	expect(host.story).toEqual(["snapshot a", "output b", "alone", "snapshot c", "exit 0 exited"]);
	expect(asked[2]).not.toHaveProperty("from");
});

test("a holder that does not answer keeps nobody from having the terminal back", async () => {
	const { host } = await lent(() => {});
	await stream!.takeBack();
	expect(host.story).toEqual(["snapshot a", "output b", "alone"]);
});
