/**
 * Clients in processes of their own that read 1 KiB a second, or not at all (SIGSTOP), until they are let go. What they took is taken apart
 * here: frames of the holder's socket, messages of a WebSocket, events of a stream.
 */
import { join } from "node:path";
import type { ServerMessage } from "../../src/contract/stream.ts";
import { decodeData, SNAPSHOT } from "../../src/contract/stream.ts";
import { screenEngine } from "../../src/holder/screen/index.ts";
import { BINARY, encodeMessage, FrameDecoder } from "../../src/link/framing.ts";

export type Pace = "slow" | "stalled";

/** One message, whatever carried it. */
export interface Message {
	binary: boolean;
	payload: Uint8Array;
}

export class Paced implements AsyncDisposable {
	readonly name: string;
	readonly #child: Bun.Subprocess<Uint8Array<ArrayBuffer>, "pipe", "inherit">;
	readonly #chunks: Uint8Array[] = [];
	readonly #split: (bytes: Buffer) => Message[];

	private constructor(
		name: string,
		target: string,
		request: Uint8Array,
		split: (bytes: Buffer) => Message[],
	) {
		this.name = name;
		this.#split = split;
		this.#child = Bun.spawn(["/usr/bin/python3", join(import.meta.dir, "paced-reader.py"), target], {
			stdin: Uint8Array.from(request),
			stdout: "pipe",
			stderr: "inherit",
		});
		void this.#collect();
	}

	/** Attached straight to a holder. */
	static link(name: string, socketPath: string): Paced {
		return new Paced(name, socketPath, encodeMessage({ type: "attach", role: "viewer" }), (bytes) => {
			const messages: Message[] = [];
			new FrameDecoder().push(bytes, ({ kind, payload }) =>
				messages.push({ binary: kind === BINARY, payload }),
			);
			return messages;
		});
	}

	/** Attached by a WebSocket to the daemon or to a session's port. `target` is a unix socket's path or HOST:PORT. */
	static webSocket(name: string, target: string, path: string, token: string | null): Paced {
		const headers = [
			`GET ${path} HTTP/1.1`,
			`Host: ${target.startsWith("/") ? "localhost" : target}`,
			...(token === null ? [] : [`Authorization: Bearer ${token}`]),
			"Upgrade: websocket",
			"Connection: Upgrade",
			"Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		];
		return new Paced(name, target, Buffer.from(`${headers.join("\r\n")}\r\n\r\n`), webSocketMessages);
	}

	/** A stream of events over TCP; its messages are the numbers of the events. */
	static events(name: string, target: string, after: number, token: string): Paced {
		const request = `GET /events?after=${after} HTTP/1.1\r\nHost: ${target}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
		return new Paced(name, target, Buffer.from(request), (bytes) =>
			[...bytes.toString("latin1").matchAll(/^id: (\d+)\n/gm)].map(([, id]) => ({
				binary: false,
				payload: Buffer.from(id!),
			})),
		);
	}

	get taken(): Message[] {
		return this.#split(Buffer.concat(this.#chunks));
	}

	get takenBytes(): number {
		return this.#chunks.reduce((sum, { length }) => sum + length, 0);
	}

	stop(): void {
		this.#child.kill("SIGSTOP");
	}

	/** From now on it reads what it can. */
	hurry(): void {
		this.#child.kill("SIGUSR1");
		this.#child.kill("SIGCONT");
	}

	async #collect(): Promise<void> {
		for await (const chunk of this.#child.stdout) this.#chunks.push(chunk.slice());
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.#child.exited;
	}
}

/** What a client of the stream shows in the end: the last snapshot and everything after it, on a screen of the first size. */
export async function shownBy(
	messages: readonly Message[],
	cacheFolder: string,
): Promise<{ lines: string[]; cursor: { x: number; y: number }; resyncs: number; contiguous: boolean }> {
	let screen = null;
	let resyncs = 0;
	let next = -1;
	let contiguous = true;
	const engine = await screenEngine("ghostty", cacheFolder);
	for (const { binary, payload } of messages) {
		if (!binary) {
			const message = JSON.parse(new TextDecoder().decode(payload)) as ServerMessage;
			if (message.type === "resync") resyncs++;
			if (message.type !== "hello") continue;
			const { cols, rows } = message;
			screen = engine.open({ cols, rows, scrollbackLines: 100, onTitle() {}, onBell() {}, onReply() {} });
			continue;
		}
		const data = decodeData(payload);
		if (data === null || screen === null) throw new Error("a message before the hello, or of no known kind");
		if (data.kind !== SNAPSHOT && data.offset !== next) contiguous = false;
		next = data.offset + (data.kind === SNAPSHOT ? 0 : data.bytes.length);
		screen.write(data.bytes);
	}
	if (screen === null) throw new Error("there was no hello");
	const { cursor } = screen.state();
	const shown = { lines: screen.lines(), cursor: { x: cursor.x, y: cursor.y }, resyncs, contiguous };
	screen.close();
	return shown;
}

const OPCODE = { continuation: 0, text: 1, binary: 2 } as const;

/** Messages of a server's side of a WebSocket (RFC 6455 §5.2), after the answer to the upgrade. Control frames are left out. */
function webSocketMessages(bytes: Buffer): Message[] {
	const messages: Message[] = [];
	let at = bytes.indexOf("\r\n\r\n") + 4;
	if (at < 4) return messages;
	let parts: Buffer[] = [];
	let binary = false;
	while (at + 2 <= bytes.length) {
		const opcode = bytes[at]! & 0x0f;
		const isLast = (bytes[at]! & 0x80) !== 0;
		let length = bytes[at + 1]! & 0x7f;
		let begin = at + 2;
		if (length === 126) {
			if (begin + 2 > bytes.length) break;
			length = bytes.readUInt16BE(begin);
			begin += 2;
		} else if (length === 127) {
			if (begin + 8 > bytes.length) break;
			length = Number(bytes.readBigUInt64BE(begin));
			begin += 8;
		}
		if (begin + length > bytes.length) break;
		at = begin + length;
		if (opcode > OPCODE.binary) continue;
		if (opcode !== OPCODE.continuation) binary = opcode === OPCODE.binary;
		parts.push(bytes.subarray(begin, at));
		if (!isLast) continue;
		messages.push({ binary, payload: Buffer.concat(parts) });
		parts = [];
	}
	return messages;
}
