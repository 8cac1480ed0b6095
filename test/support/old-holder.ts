/**
 * Plays a recorded holder (record-link.ts) over the real protocol, for the worker whose folder is argv[2]; argv[3] is the recording. What
 * it says is what was recorded, except for who it is and the pids. Unlike a stand-in inside the test, it is a process with a child
 * and a lock, which the daemon adopts, asks, and ends like any other.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { HolderSpec } from "../../src/contract/link.ts";
import { lockFile } from "../../src/platform/lock-file.ts";
import type { Recording, Said } from "./record-link.ts";

const folder = process.argv[2]!;
const recording = JSON.parse(readFileSync(process.argv[3]!, "utf8")) as Recording;
const spec = JSON.parse(readFileSync(join(folder, "spec.json"), "utf8")) as HolderSpec;
const lock = lockFile(join(folder, "holder.lock"));
if (lock === null) throw new Error("somebody holds this worker");

const child = Bun.spawn(["sleep", "600"], { env: spec.env, stdio: ["ignore", "ignore", "ignore"] });
const who = {
	workerId: spec.workerId,
	generation: spec.generation,
	nonce: spec.nonce,
	holderPid: process.pid,
	pid: child.pid,
};
const subscribers = new Set<Socket>();

/** What was recorded, said by this holder. */
function mine(recorded: unknown): unknown {
	if (Array.isArray(recorded)) return recorded.map(mine);
	if (typeof recorded !== "object" || recorded === null) return recorded;
	const own = (name: string, value: unknown) =>
		name in who && value !== null ? who[name as keyof typeof who] : mine(value);
	return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, own(name, value)]));
}

function frame(kind: string, payload: Uint8Array): Buffer {
	const head = Buffer.alloc(5);
	head.writeUInt32BE(payload.length + 1);
	head.write(kind, 4);
	return Buffer.concat([head, payload]);
}

const say = (socket: Socket, message: unknown) =>
	socket.write(frame("T", Buffer.from(JSON.stringify(mine(message)))));

function replay(socket: Socket, said: Said): void {
	if ("text" in said) say(socket, said.text);
	else socket.write(frame("B", Buffer.from(said.binary, "base64")));
}

function answer(socket: Socket, message: Record<string, unknown>): void {
	if (message.type === "identify") say(socket, recording.identity);
	else if (message.type === "subscribe") {
		subscribers.add(socket);
		say(socket, recording.firstNotice);
	} else if (message.type === "attach") {
		for (const said of recording.attach.said) replay(socket, said);
	} else {
		const call = recording.calls.find(
			({ method, params }) => method === message.method && Bun.deepEquals(params, message.params),
		);
		const unknown = recording.calls.find(({ method }) => method === "clients")!;
		say(socket, { ...(call ?? unknown).answer, id: message.id });
	}
}

const server = createServer((socket) => {
	let rest = Buffer.alloc(0);
	socket.on("error", () => socket.destroy());
	socket.on("data", (chunk: Buffer) => {
		rest = Buffer.concat([rest, chunk]);
		while (rest.length >= 5 && rest.length >= 4 + rest.readUInt32BE(0)) {
			const end = 4 + rest.readUInt32BE(0);
			// Input is binary; the recorded terminal has nobody who reads it.
			if (rest[4] === "T".charCodeAt(0)) answer(socket, JSON.parse(rest.subarray(5, end).toString()));
			rest = rest.subarray(end);
		}
	});
});
// A dead holder's; the lock says that it is ours now.
rmSync(spec.socketPath, { force: true });
server.listen(spec.socketPath, () => console.log(JSON.stringify({ ready: true, pid: child.pid })));

await child.exited;
const ended = {
	...(mine(recording.exitRecord) as object),
	code: null,
	signal: child.signalCode === null ? null : String(child.signalCode).replace("SIG", ""),
	at: Date.now(),
};
writeFileSync(join(spec.generationDir, "exit.json"), JSON.stringify(ended), { mode: 0o600 });
rmSync(spec.socketPath);
lock.release();
for (const socket of subscribers) say(socket, recording.exitNotice);
process.exit(0);
