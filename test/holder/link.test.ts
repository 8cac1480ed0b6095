import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Notice } from "../../src/contract/link.ts";
import { connect } from "../../src/link/client.ts";
import { parseMessage, TEXT } from "../../src/link/framing.ts";
import { until } from "../support/berth.ts";
import { Home, NONCE, WORKER } from "../support/holder.ts";

/** A raw connection that sends bytes as they are; resolves with what came until the holder closed it. */
async function rawTalk(socketPath: string, send: Uint8Array): Promise<string> {
	let text = "";
	const closed = Promise.withResolvers<void>();
	const socket = await Bun.connect({
		unix: socketPath,
		socket: {
			data: (_, chunk) => {
				text += chunk.toString("latin1");
			},
			close: () => closed.resolve(),
		},
	});
	socket.write(send);
	await closed.promise;
	return text;
}

test("identify says who answers and attaches to nothing", async () => {
	await using home = new Home();
	const holder = await home.start();
	const notices: Notice[] = [];
	const watcher = await holder.connect((notice) => notices.push(notice));
	watcher.subscribe();
	await until(() => notices.length > 0, "the status comes first");
	expect(notices[0]).toMatchObject({ kind: "status", status: { viewers: 0, writers: 0, pid: holder.pid } });
	for (let i = 0; i < 20; i++) {
		const client = await holder.connect();
		expect(await client.identify(5000)).toMatchObject({
			protocol: 1,
			workerId: WORKER,
			generation: 1,
			nonce: NONCE,
			holderPid: holder.holderPid,
		});
		client.close();
	}
	expect(await watcher.call("status", {}, 5000)).toMatchObject({
		viewers: 0,
		writers: 0,
		cols: 80,
		rows: 24,
	});
	expect(notices.some(({ kind }) => kind === "viewers" || kind === "size")).toBe(false);
});

test("an unknown method and bad parameters are faults of that call alone", async () => {
	await using home = new Home();
	const holder = await home.start();
	const client = await holder.connect();
	const refused = async (method: string, params: unknown): Promise<unknown> =>
		client.call(method as "status", params as Record<string, never>, 5000).catch((error) => error.code);
	expect(await refused("teleport", {})).toBe("unknown_method");
	expect(await refused("constructor", {})).toBe("unknown_method");
	expect(await refused("resize", { cols: "80", rows: 24 })).toBe("invalid_size");
	expect(await refused("resize", null)).toBe("bad_request");
	expect(await refused("screen", { format: "png" })).toBe("bad_request");
	expect(await refused("keys", { keys: ["C-c", "Nope"] })).toBe("invalid_key");
	expect(await refused("signal", { signal: "SEGV" })).toBe("bad_request");
	expect(await refused("run", { command: "true" })).toBe("shell_not_integrated");
	expect(await client.call("status", {}, 5000)).toMatchObject({ pid: holder.pid });
});

test("input with a name is typed once; a paste is marked when the program asked for it, and cannot end itself", async () => {
	await using home = new Home();
	const show = "stty raw -echo; printf '\\033[?2004hready\\r\\n'; exec cat -v";
	const holder = await home.start({ argv: ["/bin/bash", "-c", show] });
	const client = await holder.connect();
	const shows = (text: string) => client.call("wait", { text, timeoutMs: 15_000 }, null);
	await shows("ready");
	const data = Buffer.from("one\x1b[201~two\nthree").toString("base64");
	const paste = { data, paste: true, once: "q_1.text" };
	expect(await client.call("input", paste, 5000)).toEqual({ bytes: 29 });
	expect(await client.call("input", paste, 5000)).toEqual({ bytes: 0 });
	expect(await client.call("status", {}, 5000)).toMatchObject({ typed: "q_1.text" });
	await client.call("input", { data: Buffer.from("end").toString("base64"), once: "q_1.end" }, 5000);
	await shows("^[[201~end");
	const { text } = await client.call("output", {}, 5000);
	expect(text.split("ready")[1]!.trim()).toBe("^[[200~one[201~two^Mthree^[[201~end");
});

test("garbage on the socket closes that connection and no other", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/cat"] });
	const attached = await holder.attach();
	await attached.greeted();
	const client = await holder.connect();
	const frame = (kind: string, payload: string) => {
		const bytes = Buffer.from(`0000${kind}${payload}`);
		bytes.writeUInt32BE(payload.length + 1);
		return bytes;
	};
	const garbage = [
		Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		Buffer.from([0xff, 0xff, 0xff, 0xff, 0x54]),
		Buffer.from([0, 0, 0, 0, 0x54]),
		frame("T", "not json"),
		frame("T", "null"),
		frame("T", '{"type":"explode"}'),
		frame("T", '{"type":"attach","role":"king"}'),
		frame("T", '{"type":"call","id":"one","method":"status"}'),
		frame("B", "input before attach"),
		crypto.getRandomValues(new Uint8Array(10_000)),
	];
	for (const bytes of garbage)
		expect(await rawTalk(holder.spec.socketPath, bytes)).toContain('"type":"error"');
	expect(await client.identify(5000)).toMatchObject({ nonce: NONCE });
	attached.type("still here\r");
	await attached.sees("still here");
	expect(readFileSync(`/proc/${holder.holderPid}/status`, "utf8")).toContain("State:");
});

test("a frame may come in any pieces, and many in one", async () => {
	await using home = new Home();
	const holder = await home.start();
	const answers: { id: number }[] = [];
	const connection = await connect(holder.spec.socketPath, {
		onFrame(frame) {
			if (frame.kind === TEXT) answers.push(parseMessage<{ id: number }>(frame));
		},
		onClose() {},
	});
	const frames: Buffer[] = [];
	for (let id = 0; id < 50; id++) {
		const payload = JSON.stringify({ type: "call", id, method: "status", params: {} });
		const bytes = Buffer.from(`0000T${payload}`);
		bytes.writeUInt32BE(payload.length + 1);
		frames.push(bytes);
	}
	const all = Buffer.concat(frames);
	for (let at = 0; at < all.length; at += 7) connection.sendEncoded(all.subarray(at, at + 7));
	await until(() => answers.length === 50, "all are answered");
	expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, id) => id));
	connection.close();
});

test("keys follow the program's cursor key mode, and none is written when one is unknown", async () => {
	await using home = new Home();
	// Asks for application cursor keys at the first carriage return; prints its input in hexadecimal.
	const asker = [process.execPath, join(import.meta.dir, "../support/asker.ts"), "\x1b[?1h"];
	const holder = await home.start({ argv: asker });
	const client = await holder.connect();
	const input = async (): Promise<string> => {
		const { text } = await client.call("output", {}, 5000);
		return [...text.matchAll(/<([0-9a-f]+)>/g)]
			.map(([, hex]) => Buffer.from(hex!, "hex").toString())
			.join("");
	};
	await client.call("wait", { text: "ready" }, 10_000);
	const error = await client.call("keys", { keys: ["a", "NoSuchKey"] }, 5000).catch((thrown) => thrown);
	expect(error.code).toBe("invalid_key");
	expect(await client.call("keys", { keys: ["Up", "C-c", "é", "Enter"] }, 5000)).toEqual({ bytes: 7 });
	await until(
		async () => (await input()) === "\x1b[A\x03é\r",
		"the keys arrive as a plain terminal sends them",
	);
	await client.call("keys", { keys: ["Up", "C-Up"] }, 5000);
	await until(async () => (await input()).endsWith("\r\x1bOA\x1b[1;5A"), "Up follows the application's mode");
});

test("a wait without end is given up when its caller says so, and others go on", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/cat"] });
	const client = await holder.connect();
	const patience = new AbortController();
	const first = client.call("wait", { text: "never", timeoutMs: 0 }, null, patience.signal);
	const second = client.call("wait", { text: "later", timeoutMs: 0 }, null);
	await client.call("status", {}, 5000);
	patience.abort();
	expect((await first).status).toBe("timeout");
	await client.call("input", { data: btoa("later\r") }, 5000);
	expect(await second).toMatchObject({ status: "matched", match: "later" });
	await client.call("cancel", { call: 12_345 }, 5000);
	const given = AbortSignal.abort();
	expect((await client.call("wait", { text: "never", timeoutMs: 0 }, null, given)).status).toBe("timeout");
});

test("subscribers hear of title, bell, size, viewers and exit; a storm of titles is thinned and its last is told", async () => {
	await using home = new Home();
	const storm =
		"i=0; while [ $i -lt 2000 ]; do i=$((i+1)); printf '\\033]2;title-%d\\007\\007' $i; done; read x";
	const holder = await home.start({ argv: ["/bin/sh", "-c", `read x; ${storm}`] });
	const notices: Notice[] = [];
	const client = await holder.connect((notice) => notices.push(notice));
	client.subscribe();
	await client.call("input", { data: btoa("\r") }, 5000);
	await until(
		() => notices.some((notice) => notice.kind === "title" && notice.title === "title-2000"),
		"the last title is told",
	);
	const titles = notices.filter(({ kind }) => kind === "title").length;
	expect(titles).toBeGreaterThan(1);
	expect(titles).toBeLessThan(100);
	expect(notices.filter(({ kind }) => kind === "bell").length).toBeLessThan(20);

	const attached = await holder.attach({ cols: 100, rows: 40 });
	await until(
		() => notices.some((notice) => notice.kind === "viewers" && notice.writers === 1),
		"the writer is counted",
	);
	await until(
		() => notices.some((notice) => notice.kind === "size" && notice.cols === 100),
		"the size is told",
	);
	attached.close();
	await until(
		() => notices.some((notice) => notice.kind === "viewers" && notice.writers === 0),
		"it has left",
	);
	await client.call("input", { data: btoa("\r") }, 5000);
	await until(
		() => notices.some((notice) => notice.kind === "exit" && notice.exit.code === 0),
		"the exit is told",
	);
});

test("a subscriber that does not read is cut off instead of growing the holder, and the session goes on", async () => {
	await using home = new Home();
	const command = "stty -echo; while read x; do seq 1 200000; done";
	const holder = await home.start({ argv: ["/bin/sh", "-c", command] });
	const deaf = await connect(holder.spec.socketPath, { onFrame() {}, onClose() {} });
	deaf.sendMessage({ type: "subscribe" });
	for (let id = 0; id < 2000; id++) deaf.sendMessage({ type: "call", id, method: "output", params: {} });
	deaf.pause();
	const writer = await holder.attach();
	writer.type("\r");
	await writer.sees("\r\n200000\r\n");
	const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${holder.holderPid}/status`, "utf8"))![1]);
	expect(rss).toBeLessThan(200_000);
	deaf.close();
});

test("progress and notifications are told, the last of a flood for certain and few in all", async () => {
	await using home = new Home();
	const script =
		"i=0; while [ $i -le 2000 ]; do printf '\\033]9;4;1;%d\\007\\033]9;number %d\\007' $((i / 20)) $i; i=$((i + 1)); done; exec cat";
	const holder = await home.start({ argv: ["/bin/sh", "-c", `read go; ${script}`] });
	const told: Notice[] = [];
	const client = await holder.connect((notice) => told.push(notice));
	client.subscribe();
	await until(() => told.length > 0, "the status comes first");
	await client.call("input", { data: Buffer.from("go\n").toString("base64") }, 5000);
	const last = { kind: "notification", title: "", body: "number 2000" } as const;
	await until(
		() =>
			Bun.deepEquals(
				told.findLast(({ kind }) => kind === "notification"),
				last,
			),
		"the last is told",
	);
	await until(
		() =>
			Bun.deepEquals(
				told.findLast(({ kind }) => kind === "progress"),
				{ kind: "progress", state: "normal", value: 100 },
			),
		"the last progress is told",
	);
	expect(told.length).toBeLessThan(500);
});
