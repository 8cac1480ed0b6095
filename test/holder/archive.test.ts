import { expect, test } from "bun:test";
import type { OutputText, ScreenView } from "../../src/contract/io.ts";
import { JournalWriter } from "../../src/journal/writer.ts";
import { program } from "../support/berth.ts";
import { Home, WORKER } from "../support/holder.ts";

async function archive(
	home: Home,
	args: string[],
	request: unknown,
): Promise<{ code: number; answer: unknown }> {
	const child = Bun.spawn([...program, "holder", "archive", ...args], {
		env: home.env,
		stdin: Buffer.from(typeof request === "string" ? request : JSON.stringify(request)),
		stdout: "pipe",
		stderr: "inherit",
	});
	const answer: unknown = JSON.parse(await new Response(child.stdout).text());
	return { code: await child.exited, answer };
}

test("an ended worker's screen and output are what its holder last showed, sizes included", async () => {
	await using home = new Home();
	const script =
		"stty -echo; seq 100; read x; printf 'wide: '; stty size; printf '\\033[1mbold\\033[0m \\303\\244\\n'; read x";
	const holder = await home.start({ argv: ["/bin/sh", "-c", script] });
	const client = await holder.connect();
	await client.call("wait", { text: "100" }, 10_000);
	await client.call("resize", { cols: 132, rows: 43 }, 5000);
	await client.call("wait", { text: "bold", input: "\r" }, 10_000);
	const live = {
		screen: await client.call("screen", { format: "ansi" }, 5000),
		output: await client.call("output", { lines: 50 }, 5000),
	};
	process.kill(holder.pid, "SIGKILL");
	await holder.process.exited;

	const screen = await archive(home, [WORKER, "1"], { method: "screen", params: { format: "ansi" } });
	expect(screen.code).toBe(0);
	expect(screen.answer as ScreenView).toEqual(live.screen);
	expect((screen.answer as ScreenView).lines.join("\n")).toContain("wide: 43 132\nbold ä");
	const output = await archive(home, [WORKER, "1"], { method: "output", params: { lines: 50 } });
	expect(output.answer as OutputText).toEqual(live.output);
});

test("what cannot be answered is a problem with a code, and exit status 1", async () => {
	await using home = new Home();
	home.writeSpec(home.spec());
	const code = async (args: string[], request: unknown): Promise<unknown> => {
		const { code, answer } = await archive(home, args, request);
		return [code, (answer as { problem: { code: string } }).problem.code];
	};
	expect(await code(["w_nobody", "1"], { method: "screen", params: { format: "text" } })).toEqual([
		1,
		"worker_not_found",
	]);
	expect(await code([WORKER, "one"], { method: "screen", params: { format: "text" } })).toEqual([
		1,
		"worker_not_found",
	]);
	expect(await code([WORKER, "1"], "{")).toEqual([1, "bad_request"]);
	expect(await code([WORKER, "1"], { method: "run", params: {} })).toEqual([1, "unknown_method"]);
	expect(await code([WORKER, "1"], { method: "screen", params: { format: "png" } })).toEqual([
		1,
		"bad_request",
	]);
});

test("a full journal of 64 MiB is rendered within seconds", async () => {
	await using home = new Home();
	const spec = home.spec();
	home.writeSpec(spec);
	const writer = JournalWriter.create(spec.generationDir, {
		cols: 80,
		rows: 24,
		limitBytes: spec.journalLimitBytes,
		now: Date.now,
	});
	const line = (n: number) =>
		`\x1b[3${n % 8}m${String(n).padStart(9)}\x1b[0m ${"coloured output ".repeat(4)}\r\n`;
	let block = "";
	for (let n = 0; n < 1000; n++) block += line(n);
	const bytes = Buffer.from(block);
	while (writer.offset < 62 * 1024 * 1024) writer.append(bytes);
	writer.append(Buffer.from("the-very-end"));
	writer.close();
	const started = performance.now();
	const { answer } = await archive(home, [WORKER, "1"], { method: "output", params: { lines: 1 } });
	expect((answer as OutputText).text).toBe("the-very-end");
	expect(performance.now() - started).toBeLessThan(20_000);
	console.log(`64 MiB rendered in ${Math.round(performance.now() - started)} ms`);
}, 300_000);
