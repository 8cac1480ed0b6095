import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../test/support/berth.ts";
import { connect } from "../link/client.ts";
import { Connection, type ConnectionHandler, socketHandlers } from "../link/connection.ts";
import { QuietSocket } from "./quiet-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "quiet-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than every buffer on the way holds. */
const LARGE_BYTES = 4 * 1024 * 1024;

const sockets = (): number =>
	readdirSync("/proc/self/fd").filter((fd) => {
		try {
			return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
		} catch {
			return false;
		}
	}).length;

/** A listener whose connections become quiet at their first frame; `handle` makes the handler of each. */
function listen(name: string, handle: (connection: Connection) => ConnectionHandler) {
	const path = join(folder, name);
	const listener = Bun.listen<Connection>({
		unix: path,
		socket: {
			...socketHandlers,
			open(socket) {
				const connection = new Connection({
					onFrame(frame) {
						connection.replaceSocket((_, events) => {
							const { fd } = socket as { fd?: number };
							return QuietSocket.takeOver(fd!, events);
						});
						connection.handler = handle(connection);
						connection.handler.onFrame(frame);
					},
					onClose() {},
				});
				socket.data = connection;
				connection.attachSocket(socket);
			},
		},
	});
	return { path, stop: () => listener.stop(true) };
}

test.if(process.platform === "linux")(
	"what was sent before, while and after a connection becomes quiet arrives, both ways, however much waits",
	async () => {
		const before = sockets();
		let ends = 0;
		let drains = 0;
		const server = listen("echo", (connection) => ({
			onFrame: (frame) => connection.sendBinary(frame.payload),
			onDrain: () => drains++,
			onClose: () => ends++,
		}));
		const sent: Uint8Array[] = [new Uint8Array([1]), new Uint8Array([2, 3])];
		for (let i = 0; i < 3; i++) sent.push(crypto.getRandomValues(new Uint8Array(65_536)));
		for (let i = 0; i < 3; i++) sent.push(new Uint8Array(LARGE_BYTES).fill(i));
		const received: Uint8Array[] = [];
		const client = await connect(server.path, {
			onFrame: (frame) => received.push(frame.payload.slice()),
			onClose() {},
		});
		client.pause();
		for (const bytes of sent) client.sendBinary(bytes);
		await until(() => client.bufferedBytes > 0, "both directions are full");
		client.resume();
		await until(() => received.length === sent.length, "everything came back");
		for (const [i, bytes] of sent.entries()) expect(Buffer.compare(received[i]!, bytes)).toBe(0);
		expect(drains).toBeGreaterThan(0);
		client.close();
		await until(() => ends === 1, "the end is told");
		server.stop();
		await until(() => sockets() === before, "no descriptor is left");
		expect(ends).toBe(1);
	},
);

test.if(process.platform === "linux")(
	"a quiet connection that is ended still delivers what it has taken",
	async () => {
		const before = sockets();
		let ends = 0;
		const server = listen("end", (connection) => ({
			onFrame() {
				connection.sendBinary(new Uint8Array(LARGE_BYTES));
				connection.end();
			},
			onClose: () => ends++,
		}));
		let received = 0;
		let closed = false;
		const client = await connect(server.path, {
			onFrame(frame) {
				received += frame.payload.length;
			},
			onClose() {
				closed = true;
			},
		});
		client.sendMessage({});
		await until(() => closed, "the connection ends");
		expect(received).toBe(LARGE_BYTES);
		expect(ends).toBe(1);
		server.stop();
		await until(() => sockets() === before, "no descriptor is left");
	},
);
