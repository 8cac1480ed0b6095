import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SNAPSHOT } from "../../src/contract/stream.ts";
import { openJournal } from "../../src/journal/reader.ts";
import { until } from "../support/berth.ts";
import { Attached, type Holder, Home } from "../support/holder.ts";

/** Prints numbered lines on demand: `N` prints N more. */
const COUNTER = [
	"/bin/sh",
	"-c",
	"stty -echo; n=0; echo ready; while read k; do seq $((n+1)) $((n+k)); n=$((n+k)); echo done-$n; done",
];

/** Whole output of the generation, as Latin-1. */
function journalOf(holder: Holder): string {
	const reader = openJournal(holder.spec.generationDir);
	return Buffer.from(reader.read(0, reader.endOffset).bytes).toString("latin1");
}

/** What a terminal that never detached would have on its visible screen. */
async function screenOf(holder: Holder): Promise<string[]> {
	const client = await holder.connect();
	const { lines } = await client.call("screen", { format: "json" }, 5000);
	client.close();
	return lines;
}

test("output from before the attach arrives, then what comes after it, contiguous by offset", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const early = await holder.attach();
	early.type("500\r");
	await early.sees("done-500");
	const late = await holder.attach({ role: "viewer" });
	await late.sees("done-500");
	expect(late.seen).toContain("\r\n250\r\n");
	early.type("500\r");
	await late.sees("done-1000");
	await early.sees("done-1000");
	expect(late.contiguous && early.contiguous).toBe(true);
	expect(late.hello).toMatchObject({
		role: "viewer",
		generation: 1,
		cols: 80,
		rows: 24,
		offset: late.snapshots[0]!.offset,
	});
});

test("a resume gets exactly the bytes that it lacks, and no snapshot, even in the middle of a flood", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const first = await holder.attach();
	first.type("1000\r");
	await first.sees("done-1000");
	const from = first.next - 1234;
	// Less than a client's queue holds, so that none is too slow for it, however busy the machine.
	first.type("60000\r");
	const resumed = await Promise.all(
		Array.from({ length: 5 }, () => holder.attach({ role: "viewer", from, generation: 1 })),
	);
	for (const client of resumed) {
		await client.sees("done-61000");
		expect(client.contiguous).toBe(true);
		expect(client.snapshots).toEqual([]);
		expect(client.hello!.offset).toBe(from);
		expect(client.output).toBe(journalOf(holder).slice(from));
	}
});

test("a resume at the end gives nothing, beyond it or of another generation an honest snapshot", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const first = await holder.attach();
	await first.sees("ready");
	const end = first.next;

	const atEnd = await holder.attach({ from: end, generation: 1 });
	await atEnd.greeted();
	first.type("3\r");
	await atEnd.sees("done-3");
	expect(atEnd.snapshots).toHaveLength(0);
	expect(atEnd.of("resync")).toHaveLength(0);
	expect(atEnd.hello!.offset).toBe(end);

	const ahead = await holder.attach({ from: end + 1_000_000, generation: 1 });
	await ahead.sees("done-3");
	expect(ahead.of("resync")).toEqual([{ type: "resync", reason: "ahead" }]);
	expect(ahead.hello!.offset).toBe(ahead.snapshots[0]!.offset);
	expect(ahead.hello!.offset).toBe(atEnd.next);

	const stale = await holder.attach({ from: 0, generation: 7 });
	await stale.sees("done-3");
	expect(stale.of("resync")).toEqual([{ type: "resync", reason: "stale_generation" }]);
	expect(stale.snapshots).toHaveLength(1);
	expect(stale.hello!.generation).toBe(1);
});

test("a resume from before the journal's start is told so and gets a snapshot", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER, journalLimitBytes: 256 * 1024 });
	const first = await holder.attach();
	first.type("200000\r");
	await first.sees("done-200000");
	const trimmed = await holder.attach({ from: 10, generation: 1 });
	await trimmed.sees("done-200000");
	expect(trimmed.of("resync")).toEqual([{ type: "resync", reason: "trimmed" }]);
	expect(trimmed.snapshots).toHaveLength(1);
});

test("a client that asks for a snapshot gets one, in order with the output, and nobody else does", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const writer = await holder.attach();
	const viewer = await holder.attach({ role: "viewer" });
	await viewer.sees("ready");
	expect(viewer.hello!.repaints).toBe(true);
	writer.type("20000\r");
	for (let asked = 0; asked < 50; asked++) viewer.repaint();
	await until(() => viewer.snapshots.length > 1, "the snapshot has come");
	writer.type("3\r");
	await viewer.sees("done-20003");
	await writer.sees("done-20003");
	expect([viewer.contiguous, viewer.next]).toEqual([true, writer.next]);
	for (const { reason } of viewer.of("resync")) expect(reason).toBe("asked");
	// Asking while one is on its way asks for nothing more.
	expect(viewer.snapshots.length).toBeLessThan(20);
	expect(writer.snapshots).toHaveLength(1);
	expect(viewer.of("error")).toEqual([]);
});

test("a client stopped with SIGSTOP delays nobody, costs no memory, and ends with the exact screen", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const stopped = Bun.spawn(
		[process.execPath, join(import.meta.dir, "../support/screen-client.ts"), holder.spec.socketPath],
		{ stdin: "ignore", stdout: "pipe" },
	);
	home.adopt(stopped.pid);
	const out = stopped.stdout.getReader();
	await out.read();
	stopped.kill("SIGSTOP");

	const fast = await holder.attach();
	fast.type("400000\r");
	await fast.sees("done-400000");
	expect(fast.contiguous).toBe(true);
	stopped.kill("SIGCONT");
	let report = "";
	const decoder = new TextDecoder();
	await until(async () => {
		report += decoder.decode((await out.read()).value);
		return report.includes("end-seen");
	}, "the stopped client comes back to the end");
	stopped.kill("SIGUSR1");
	let rest = report.slice(report.indexOf("end-seen"));
	while (!rest.includes("\n[")) rest += decoder.decode((await out.read()).value);
	const lines = JSON.parse(rest.slice(rest.indexOf("\n[") + 1).split("\n")[0]!) as string[];
	expect(lines).toEqual(await screenOf(holder));
	expect(report).toContain("resync-slow");
});

test("a client that pauses is resynced: told, sized, painted anew, and contiguous from there", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: COUNTER });
	const slow = await holder.attach({ role: "viewer" });
	await slow.sees("ready");
	slow.pause();
	const fast = await holder.attach();
	fast.type("500000\r");
	await fast.sees("done-500000");
	fast.resize(90, 30);
	slow.resume();
	await slow.sees("done-500000");
	expect(slow.of("resync").length).toBeGreaterThan(0);
	expect(slow.of("resync").every(({ reason }) => reason === "slow")).toBe(true);
	expect(slow.snapshots.length).toBeGreaterThan(1);
	expect(slow.contiguous).toBe(true);
	await until(
		() => slow.of("size").some(({ cols, rows }) => cols === 90 && rows === 30),
		"the new size is known",
	);
});

test("viewers never type and never resize, and are told once", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/cat"] });
	const viewer = await holder.attach({ role: "viewer", cols: 40, rows: 10 });
	await viewer.greeted();
	expect(viewer.hello).toMatchObject({ cols: 80, rows: 24 });
	viewer.type("from-the-viewer\r");
	viewer.resize(50, 12);
	viewer.claim();
	const writer = await holder.attach({ cols: 80, rows: 24 });
	writer.type("from-the-writer\r");
	await viewer.sees("from-the-writer");
	expect(viewer.seen).not.toContain("from-the-viewer");
	expect(viewer.of("size")).toHaveLength(0);
	expect(viewer.of("error")).toMatchObject([{ code: "forbidden" }]);
});

test("the terminal takes the size of who typed last, and everybody is told; a detach leaves it to those who stay", async () => {
	await using home = new Home();
	const holder = await home.start({
		argv: ["/bin/sh", "-c", "stty -echo; while read x; do stty size; done"],
	});
	const desk = await holder.attach({ cols: 200, rows: 50 });
	await desk.greeted();
	expect(desk.hello).toMatchObject({ cols: 200, rows: 50 });
	const phone = await holder.attach({ cols: 40, rows: 20 });
	await until(() => desk.of("size").at(-1)?.cols === 40, "the desk learns the phone's size");
	phone.type("\r");
	await phone.sees("20 40");
	desk.type("\r");
	await desk.sees("50 200");
	await until(() => phone.of("size").at(-1)?.cols === 200, "the phone learns the desk's size");
	phone.claim();
	await until(() => desk.of("size").at(-1)?.cols === 40, "a claim takes the size over");
	phone.close();
	await until(() => desk.of("size").at(-1)?.cols === 200, "the desk has its size back");
});

test.each([
	["smallest", 40, 20],
	["largest", 200, 50],
	["fixed", 80, 24],
] as const)("policy %s gives %d×%d for a desk and a phone", async (sizePolicy, cols, rows) => {
	await using home = new Home();
	const holder = await home.start({ sizePolicy });
	const desk = await holder.attach({ cols: 200, rows: 50 });
	const phone = await holder.attach({ cols: 40, rows: 20 });
	await desk.greeted();
	await phone.greeted();
	expect(phone.hello).toMatchObject({ cols, rows });
	const client = await holder.connect();
	expect(await client.call("status", {}, 5000)).toMatchObject({ cols, rows, writers: 2, viewers: 0 });
});

test("a snapshot paints what is there: modes, colours and half a character included", async () => {
	await using home = new Home();
	const script =
		"stty -echo; printf '\\033[?1049h\\033[?2004h\\033[31mred\\033[5;10Hhere\\303'; read x; printf '\\244tail'; exec sleep 600";
	const holder = await home.start({ argv: ["/bin/sh", "-c", script] });
	const writer = await holder.attach();
	await writer.sees("here");
	const late = await holder.attach({ role: "viewer" });
	await late.sees("here");
	writer.type("\r");
	await late.sees("tail");
	expect(late.snapshots).toHaveLength(1);
	const lines = await screenOf(holder);
	expect(lines[4]).toStartWith("         here");
	expect(lines.join("")).toContain("ätail");
	expect(late.seen).toContain("\x1b[?1049h");
	expect(late.seen).toContain("\x1b[?2004h");
});

test("input for a program that does not read is bounded, and so are answers to queries that it floods with", async () => {
	await using home = new Home();
	const flood = "yes \"$(printf '\\033[c\\033[6n')\" | head -c 1000000; echo flooded; exec sleep 600";
	const holder = await home.start({ argv: ["/bin/sh", "-c", `stty raw -echo; ${flood}`] });
	const client = await holder.attach();
	await client.sees("flooded");
	for (let i = 0; i < 40; i++) client.type("x".repeat(1024 * 1024));
	await until(() => client.of("error").some(({ code }) => code === "session_busy"), "the client is told");
	const status = readFileSync(`/proc/${holder.holderPid}/status`, "utf8");
	expect(Number(/VmRSS:\s+(\d+)/.exec(status)![1])).toBeLessThan(200_000);
});

test("what is painted before the first byte is an empty screen at offset 0", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/sleep", "600"] });
	const client = await Attached.open(holder.spec.socketPath, { role: "viewer" });
	await until(() => client.snapshots.length > 0, "the snapshot is there");
	expect(client.snapshots[0]!.offset).toBe(0);
	expect(SNAPSHOT).toBe(1);
});

test("a client gets as much of the history as it wants, and the whole screen all the same", async () => {
	await using home = new Home();
	const holder = await home.start({ argv: ["/bin/sh", "-c", "seq 101 250; exec sleep 600"] });
	const live = await holder.attach({ role: "viewer" });
	await until(() => (live.output + painted(live)).includes("250\r\n"), "the program has printed");
	const shown = async (scrollback?: number): Promise<[first: string, last: string]> => {
		const client = await holder.attach({
			role: "viewer",
			...(scrollback === undefined ? {} : { scrollback }),
		});
		await until(() => client.snapshots.length > 0, "the snapshot is there");
		const lines = painted(client).match(/\b[12]\d\d\b(?=\r\n)/g)!;
		client.close();
		return [lines.at(0)!, lines.at(-1)!];
	};
	// 24 rows, the last of them empty.
	expect(await shown(0)).toEqual(["228", "250"]);
	expect(await shown(10)).toEqual(["218", "250"]);
	expect(await shown(100_000)).toEqual(["101", "250"]);
	expect(await shown()).toEqual(["101", "250"]);
	const refused = await Attached.open(holder.spec.socketPath, { role: "viewer", scrollback: -1 });
	await until(() => refused.closed, "a negative number is refused");
	expect(refused.of("error")[0]).toMatchObject({ code: "bad_request" });
	live.close();
});

/** What the client's last snapshot writes. */
function painted(client: Attached): string {
	const last = client.snapshots.at(-1);
	return last === undefined ? "" : Buffer.from(last.bytes).toString("latin1");
}
