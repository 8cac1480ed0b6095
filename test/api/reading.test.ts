import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { Berth, until } from "../support/berth.ts";

/** A machine under load may take its time; a test that hangs is still noticed. */
setDefaultTimeout(300_000);

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

interface SessionLike {
	workers: { id: string; state: string; offset: number; generation: number }[];
}

async function make(name: string, script: string): Promise<void> {
	const { status, body } = await berth.api("POST", "/sessions", {
		name,
		command: ["sh", "-c", script],
		port: null,
	});
	if (status !== 201) throw new Error(JSON.stringify(body));
}
async function ended(name: string): Promise<void> {
	await until(
		async () =>
			(await berth.api<SessionLike>("GET", `/sessions/${name}`)).body.workers[0]?.state === "exited",
		`${name} has ended`,
	);
}
const text = async (path: string, init?: RequestInit) => (await berth.fetch(path, init)).text();
const lines = (value: string) =>
	value
		.split("\n")
		.map((line) => line.trimEnd())
		.join("\n")
		.trimEnd();

test("a live terminal and an ended one show the same in every format", async () => {
	await make("shown", "printf 'plain\\n\\033[31mred\\033[0m\\n'; read end");
	await until(async () => (await text("/sessions/shown/screen")).includes("red"), "it has printed");
	const formats = ["text", "ansi", "html", "json"];
	const live = await Promise.all(formats.map((format) => text(`/sessions/shown/screen?format=${format}`)));
	expect(lines(live[0]!)).toBe("plain\nred");
	expect(live[1]).toContain("\u001b[");
	expect(live[2]).toContain("red");
	expect(JSON.parse(live[3]!)).toMatchObject({ cols: 80, rows: 24, alternate: false });
	await berth.api("POST", "/sessions/shown/kill");
	for (const [at, format] of formats.entries()) {
		const after = await text(`/sessions/shown/screen?format=${format}`);
		expect(lines(after), format).toBe(lines(live[at]!));
	}
	expect(lines(await text("/sessions/shown/output"))).toBe("plain\nred");
	const facts = await berth.fetch("/sessions/shown/output?lines=1", {
		headers: { accept: "application/json" },
	});
	expect(await facts.json()).toMatchObject({ text: expect.stringContaining("red"), complete: false });
});

test("a terminal's content as a page can do nothing", async () => {
	await make("hostile", "printf '<script>alert(1)</script><img src=x onerror=alert(1)>'");
	await ended("hostile");
	const response = await berth.fetch("/sessions/hostile/screen?format=html");
	expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
	expect(response.headers.get("content-security-policy")).toContain("sandbox");
	const html = await response.text();
	expect(html).not.toContain("<script>alert");
	expect(html).not.toContain("<img src=x");
});

test("the journal gives every byte, and says which bytes it gave", async () => {
	await make("bytes", "stty raw; printf '\\000\\377\\200abc'; seq 1 20000");
	await ended("bytes");
	const response = await berth.fetch("/sessions/bytes/journal");
	const all = new Uint8Array(await response.arrayBuffer());
	const expected = Buffer.concat([
		Buffer.from([0, 255, 128]),
		Buffer.from(`abc${Array.from({ length: 20_000 }, (_, n) => `${n + 1}\n`).join("")}`),
	]);
	expect(Buffer.from(all).equals(expected)).toBe(true);
	expect(response.headers.get("berth-start-offset")).toBe("0");
	expect(response.headers.get("berth-end-offset")).toBe(String(all.length));
	expect(response.headers.get("berth-generation")).toBe("1");
	const part = await berth.fetch("/sessions/bytes/workers/main/journal?from=3&to=6&generation=1");
	expect(await part.text()).toBe("abc");
	expect([part.headers.get("berth-start-offset"), part.headers.get("berth-end-offset")]).toEqual(["3", "6"]);
});

test("from at the end gives nothing, and beyond the end the honest end", async () => {
	const end = (await berth.api<SessionLike>("GET", "/sessions/bytes")).body.workers[0]!.offset;
	for (const from of [end, end + 1000]) {
		const response = await berth.fetch(`/sessions/bytes/journal?from=${from}`);
		expect(await response.text()).toBe("");
		expect(response.headers.get("berth-start-offset")).toBe(String(end));
		expect(response.headers.get("berth-end-offset")).toBe(String(end));
	}
});

test("a stale generation is refused and not mixed", async () => {
	await make("again", "echo one");
	await ended("again");
	const { status } = await berth.api("POST", "/sessions/again/restart");
	expect(status).toBe(200);
	await ended("again");
	for (const path of ["journal", "recording"]) {
		const response = await berth.fetch(`/sessions/again/${path}?generation=1`);
		expect(response.status).toBe(409);
		expect(await response.json()).toMatchObject({ code: "stale_generation", info: { generation: 2 } });
	}
	expect(await text("/sessions/again/journal?generation=2")).toBe("one\r\n");
});

test("the recording is an asciicast of either version", async () => {
	const header = async (query: string) =>
		JSON.parse((await text(`/sessions/again/recording${query}`)).split("\n")[0]!);
	expect(await header("")).toMatchObject({ version: 3, term: { cols: 80, rows: 24 } });
	expect(await header("?version=2")).toMatchObject({ version: 2, width: 80, height: 24 });
	expect((await berth.fetch("/sessions/again/recording?version=4")).status).toBe(400);
});

test("a long journal is streamed: the daemon's memory does not grow with it", async () => {
	await make("long", "head -c 50000000 /dev/zero | tr '\\0' x");
	await ended("long");
	const rss = async () => Number(/^berth_resident_memory_bytes (\d+)$/m.exec(await text("/metrics"))![1]);
	await text("/sessions/again/journal");
	const before = await rss();
	const response = await berth.fetch("/sessions/long/journal");
	let size = 0;
	let most = 0;
	for await (const chunk of response.body!) {
		size += chunk.length;
		if (size % (8 * 1024 * 1024) < chunk.length) most = Math.max(most, await rss());
	}
	expect(size).toBe(50_000_000);
	expect(most - before).toBeLessThan(24 * 1024 * 1024);
}, 300_000);
