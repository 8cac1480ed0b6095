import { expect, test } from "bun:test";
import { join } from "node:path";
import { until } from "../support/berth.ts";
import { type Attached, type Holder, Home } from "../support/holder.ts";

/** A raw terminal that sends a query when it reads a line, and prints everything it is sent as hex. */
const ASKER = [process.execPath, join(import.meta.dir, "../support/asker.ts")];

/** What the program got as input since its start. */
async function received(holder: Holder): Promise<string> {
	const client = await holder.connect();
	const { text } = await client.call("output", {}, 5000);
	client.close();
	return text
		.split(/\s+/)
		.filter((word) => word.startsWith("<"))
		.map((word) => Buffer.from(word.slice(1, -1), "hex").toString("latin1"))
		.join("");
}

/** The terminal is raw from here on. */
async function ready(holder: Holder): Promise<void> {
	const client = await holder.connect();
	await client.call("wait", { text: "ready" }, 10_000);
	client.close();
}

const count = (text: string, part: string) => text.split(part).length - 1;

/** A client whose terminal answers queries by itself, as xterm.js and real terminals do. */
function answering(client: Attached, query: string, answer: string): () => number {
	let answered = 0;
	const data = client.data.bind(client);
	client.data = (kind, offset, bytes) => {
		data(kind, offset, bytes);
		const asked = count(Buffer.from(bytes).toString("latin1"), query);
		for (let i = 0; i < asked; i++) client.type(answer);
		answered += asked;
	};
	return () => answered;
}

const DA = "\x1b[c";
const DA_ANSWER = /\x1b\[\?[\d;]+c/g;

test("a query is answered when nobody is attached", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: [...ASKER, DA] });
	await ready(holder);
	const client = await holder.connect();
	await client.call("input", { data: btoa("go\r") }, 5000);
	await until(async () => (await received(holder)).match(DA_ANSWER)?.length === 1, "the answer came");
});

test("a query is answered exactly once when three terminals that answer by themselves are attached", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: [...ASKER, `${DA}\x1b[6n`] });
	const clients = await Promise.all([1, 2, 3].map(() => holder.attach()));
	for (const client of clients) await client.sees("ready");
	const answers = clients.map((client) => answering(client, DA, "\x1b[?62;4;22c"));
	const positions = clients.map((client) => answering(client, "\x1b[6n", "\x1b[1;1R"));
	for (let round = 1; round <= 5; round++) {
		clients[0]!.type("go\r");
		await until(
			() => [...answers, ...positions].every((answered) => answered() === round),
			"all have answered",
		);
	}
	clients[2]!.type("z");
	await until(async () => (await received(holder)).includes("z"), "what came after the answers is there");
	const input = await received(holder);
	expect(input.match(DA_ANSWER)).toHaveLength(5);
	expect(input.match(/\x1b\[\d+;\d+R/g)).toHaveLength(5);
	expect(count(input, "\x1b[?62;4;22c")).toBe(0);
});

test("a terminal that resumes over an old query does not answer it a second time", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: [...ASKER, DA] });
	await ready(holder);
	const first = await holder.attach();
	first.type("go\r");
	await until(async () => (await received(holder)).match(DA_ANSWER)?.length === 1, "the holder answered");
	first.close();

	const resumed = await holder.attach();
	const answered = answering(resumed, DA, "\x1b[?62;4;22c");
	resumed.close();
	const again = await holder.attach({ from: 0, generation: 1 });
	const answeredAgain = answering(again, DA, "\x1b[?62;4;22c");
	await until(() => answered() + answeredAgain() > 0, "the query was replayed");
	again.type("z");
	await until(async () => (await received(holder)).includes("z"), "what came after is there");
	expect((await received(holder)).match(DA_ANSWER)).toHaveLength(1);
});

test("a query that the holder's screen does not know is answered by one client alone", async () => {
	await using home = new Home();
	// The clipboard: only a person's own terminal has one.
	const query = "\x1b]52;c;?\x07";
	const answer = "\x1b]52;c;aGk=\x07";
	const holder = await home.start({ argv: [...ASKER, query] });
	const clients = await Promise.all([1, 2].map(() => holder.attach()));
	for (const client of clients) await client.sees("ready");
	const answers = clients.map((client) => answering(client, query, answer));
	clients[0]!.type("go\r");
	await until(() => answers.every((answered) => answered() === 1), "both have answered");
	for (const client of clients) client.type("z");
	await until(async () => count(await received(holder), "z") === 2, "what came after is there");
	expect(count(await received(holder), answer)).toBe(1);
});

test("keys are never taken for answers: Escape, arrows, Shift-F3, Alt and a paste arrive byte for byte", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: [...ASKER, DA] });
	const client = await holder.attach();
	await client.sees("ready");
	client.type("go\r");
	await until(async () => (await received(holder)).match(DA_ANSWER)?.length === 1, "the holder answered");
	for (const key of ["\x1b", "\x1b[A", "\x1b[1;2R", "\x1bx", "\x1b[200~\x1b[?62c pasted\x1b[201~", "z"])
		client.type(key);
	await until(async () => (await received(holder)).includes("z"), "the last key is there");
	const input = (await received(holder)).replace(DA_ANSWER, "");
	expect(input.endsWith("\x1b\x1b[A\x1b[1;2R\x1bx\x1b[200~ pasted\x1b[201~z")).toBe(true);
});
