/**
 * Records what a holder of a given build says over its socket, as JSON on standard output:
 *
 *   bun test/support/record-link.ts BINARY > test/fixtures/link-NAME.json
 *
 * The recording is played by old-holder.ts in every later build's tests, so that a new daemon is held to what old holders say.
 */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Session } from "../../src/contract/session.ts";

/** One message of the holder: JSON, or binary as base64. */
export type Said = { text: Record<string, unknown> } | { binary: string };

export interface Recording {
	/** `berth version` of the holder. */
	version: string;
	/** Its HolderSpec's keys: what a spec had to have then. */
	specKeys: string[];
	/** Each call with its answer; `answer` is the whole message but for its id. */
	calls: { method: string; params: unknown; answer: Record<string, unknown> }[];
	identity: Record<string, unknown>;
	/** The first notice of a subscriber. */
	firstNotice: Record<string, unknown>;
	/** From the request to the first output. */
	attach: { request: Record<string, unknown>; said: Said[] };
	/** The last notice of a subscriber, at the process's end. */
	exitNotice: Record<string, unknown>;
	exitRecord: Record<string, unknown>;
}

const HEADER_BYTES = 5;

/** A peer of the holder that knows frames and nothing else. */
export class RawLink {
	readonly said: Said[] = [];
	readonly #socket: Socket;
	#rest = Buffer.alloc(0);

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on("data", (chunk: Buffer) => {
			this.#rest = Buffer.concat([this.#rest, chunk]);
			while (this.#rest.length >= HEADER_BYTES) {
				const end = 4 + this.#rest.readUInt32BE(0);
				if (this.#rest.length < end) break;
				const payload = this.#rest.subarray(HEADER_BYTES, end);
				const isText = this.#rest[4] === "T".charCodeAt(0);
				this.said.push(
					isText ? { text: JSON.parse(payload.toString()) } : { binary: payload.toString("base64") },
				);
				this.#rest = this.#rest.subarray(end);
			}
		});
	}

	static open(path: string): Promise<RawLink> {
		return new Promise((resolve, reject) => {
			const socket = connect({ path }, () => resolve(new RawLink(socket)));
			socket.on("error", reject);
		});
	}

	send(message: object): void {
		this.#write("T", Buffer.from(JSON.stringify(message)));
	}

	input(text: string): void {
		this.#write("B", Buffer.from(text));
	}

	#write(kind: string, payload: Buffer): void {
		const head = Buffer.alloc(HEADER_BYTES);
		head.writeUInt32BE(payload.length + 1);
		head.write(kind, 4);
		this.#socket.write(Buffer.concat([head, payload]));
	}

	/** The next message that fits, taken out of what was said. */
	async take(fits: (text: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
		for (let look = 0; look < 1000; look++) {
			const at = this.said.findIndex((said) => "text" in said && fits(said.text));
			const [found] = at < 0 ? [] : this.said.splice(at, 1);
			if (found && "text" in found) return found.text;
			await Bun.sleep(10);
		}
		throw new Error(`the holder never said it; it said ${JSON.stringify(this.said)}`);
	}

	close(): void {
		this.#socket.destroy();
	}
}

const calls: [method: string, params: unknown][] = [
	["input", { data: Buffer.from("hello\r").toString("base64") }],
	["wait", { text: "hello", timeoutMs: 10_000 }],
	["keys", { keys: ["o", "k", "Enter"] }],
	["wait", { regex: "^ok", timeoutMs: 10_000 }],
	["resize", { cols: 100, rows: 30 }],
	["status", {}],
	["screen", { format: "text" }],
	["screen", { format: "json" }],
	["output", { lines: 10 }],
	["clients", {}],
	["intent", { reason: "closed" }],
];

if (import.meta.main) await record(process.argv[2]!);

async function record(binary: string): Promise<void> {
	process.env.BERTH_BINARY = binary;
	const { Berth } = await import("./berth.ts");
	await using berth = await Berth.start();
	const body = { name: "old", command: ["cat"], port: null };
	const session = (await berth.api<Session>("POST", "/sessions", body)).body;
	const worker = session.workers[0]!;
	const link = await RawLink.open(worker.socket!);
	link.send({ type: "identify" });
	const identity = await link.take(({ type }) => type === "identity");
	const recorded: Recording["calls"] = [];
	for (const [id, [method, params]] of calls.entries()) {
		link.send({ type: "call", id, method, params });
		const { id: _, ...answer } = await link.take((text) => "id" in text && text.id === id);
		recorded.push({ method, params, answer });
	}
	link.send({ type: "subscribe" });
	const firstNotice = await link.take(({ type }) => type === "notice");

	const stream = await RawLink.open(worker.socket!);
	const request = { type: "attach", role: "writer", cols: 100, rows: 30 };
	stream.send(request);
	await stream.take(({ type }) => type === "hello").then((hello) => stream.said.unshift({ text: hello }));
	stream.input("typed\r");
	while (!stream.said.some((said) => "binary" in said && atob(said.binary).includes("typed\r\n"))) {
		await Bun.sleep(10);
	}
	const said = [...stream.said];
	stream.close();

	process.kill(worker.pid!, "SIGHUP");
	const exitNotice = await link.take(
		({ notice }) => (notice as { kind?: string } | undefined)?.kind === "exit",
	);
	link.close();
	const folder = join(berth.home, "state/workers", worker.id);
	const recording: Recording = {
		version: (await berth.ok(["version"])).trim(),
		specKeys: Object.keys(await Bun.file(join(folder, "spec.json")).json()),
		identity,
		calls: recorded,
		firstNotice,
		attach: { request, said },
		exitNotice,
		exitRecord: await Bun.file(join(folder, "g1/exit.json")).json(),
	};
	console.log(JSON.stringify(recording, null, "\t"));
}
