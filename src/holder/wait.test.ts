import { afterEach, describe, expect, test } from "bun:test";
import { BerthError } from "../contract/errors.ts";
import type { WaitRequest } from "../contract/io.ts";
import { RealShell } from "./shell/real-shell.ts";
import { waitFor } from "./wait.ts";

const shells: RealShell[] = [];
afterEach(async () => {
	for (const shell of shells.splice(0)) await shell.close();
});

function start(...argv: string[]): RealShell {
	const shell = new RealShell({ argv });
	shells.push(shell);
	return shell;
}

async function bash(): Promise<RealShell> {
	const shell = start("/bin/bash");
	await shell.prompt();
	return shell;
}

const wait = (shell: RealShell, request: WaitRequest) =>
	waitFor(shell, shell.tracker, { timeoutMs: 20_000, ...request });

const failure = (promise: Promise<unknown>) => promise.then(() => null, BerthError.from);

describe("text and regex", () => {
	test("what the input causes is found although it appears at once", async () => {
		const shell = await bash();
		for (let i = 0; i < 20; i++) {
			const result = await wait(shell, { text: `made-${i * 7}`, input: `echo made-$((${i} * 7))\r` });
			expect(result).toMatchObject({ status: "matched", match: `made-${i * 7}` });
		}
	});

	test("with input, text that stood on the screen before does not count", async () => {
		const shell = await bash();
		await wait(shell, { text: "old-4", input: "echo old-$((2 + 2))\r" });
		const result = await wait(shell, { text: "old-4", input: "true\r", timeoutMs: 400 });
		expect(result).toMatchObject({ status: "timeout", match: null });
	});

	test("without input, text on the screen counts", async () => {
		const shell = await bash();
		await wait(shell, { text: "old-4", input: "echo old-$((2 + 2))\r" });
		expect(await wait(shell, { text: "old-4", timeoutMs: 400 })).toMatchObject({ status: "matched" });
	});

	test("escape sequences and chunk borders inside a word do not hide it", async () => {
		const shell = await bash();
		const input = "printf 're\\e[1ma'; sleep 0.05; printf '\\e[3'; sleep 0.05; printf '1md\\e]0;t\\ay\\n'\r";
		expect(await wait(shell, { regex: "^ready$", input })).toMatchObject({
			status: "matched",
			match: "ready",
		});
	});

	test("a multibyte character that a chunk border cuts is still found", async () => {
		const shell = await bash();
		const input = "printf 'gr\\xc3'; sleep 0.05; printf '\\xbcn\\n'\r";
		expect(await wait(shell, { text: "grün", input })).toMatchObject({ status: "matched" });
	});

	test("a word that was drawn with cursor movements, last letter first, is found on the screen", async () => {
		const shell = await bash();
		const input = "clear; printf '\\e[5;3Hb\\e[5;2Ho\\e[5;1Hj\\e[9;1H'\r";
		expect(await wait(shell, { text: "job", input })).toMatchObject({ status: "matched", match: "job" });
	});

	test("it is found on the screen also while a spinner never rests", async () => {
		const shell = await bash();
		const spin = "for i in {1..400}; do printf '\\e[1;1H%d' $i; sleep 0.01; done";
		const input = `clear; printf '\\e[5;3Hb\\e[5;2Ho\\e[5;1Hj'; ${spin}\r`;
		expect(await wait(shell, { text: "job", input })).toMatchObject({ status: "matched" });
	});

	test("capture groups are told, and those that took no part are null", async () => {
		const shell = await bash();
		const result = await wait(shell, { regex: "on :(\\d+)(x)?$", input: "echo listening on :$((40 * 2))\r" });
		expect(result).toMatchObject({ status: "matched", match: "on :80", groups: ["80", null] });
	});

	test("a needle in a flood is found although it scrolls away at once", async () => {
		const shell = await bash();
		const input = "seq 30000; echo need''le; seq 30000\r";
		expect(await wait(shell, { text: "needle", input })).toMatchObject({ status: "matched" });
	});

	test("a broken expression is refused", async () => {
		const error = await failure(wait(await bash(), { regex: "(" }));
		expect(error).toMatchObject({ code: "invalid_pattern" });
	});

	test.each(["(a+)+;$", ".*.*.*=x", "(a|a)*b"])(
		"the expression %s does not hold up the terminal",
		async (regex) => {
			const shell = await bash();
			const input = "printf 'a%.0s' {1..20000}; echo\r";
			// Tried to the end, each of them would take longer than any test may.
			const error = await failure(wait(shell, { regex, input, timeoutMs: 5000 }));
			expect(error).toMatchObject({ code: "invalid_pattern" });
		},
	);
});

describe("silence, prompt, exit and time", () => {
	test("silence is counted from the last output", async () => {
		const shell = await bash();
		const began = performance.now();
		const result = await wait(shell, {
			idleMs: 200,
			input: "for i in 1 2 3 4; do echo $i; sleep 0.1; done\r",
		});
		expect(result).toMatchObject({ status: "idle", offset: shell.offset });
		expect(performance.now() - began).toBeGreaterThan(500);
	});

	test("the prompt comes when the command that was typed has ended", async () => {
		const shell = await bash();
		expect(await wait(shell, { prompt: true })).toMatchObject({ status: "prompt" });
		const result = await wait(shell, { prompt: true, input: "sleep 0.2; echo do''ne\r" });
		expect(result.status).toBe("prompt");
		expect(shell.output).toContain("done");
	});

	test("an exit is told with its status", async () => {
		const shell = await bash();
		expect(await wait(shell, { exit: true, input: "exit 7\r" })).toMatchObject({
			status: "exit",
			exitCode: 7,
		});
	});

	test("the end of the process ends a wait for something else", async () => {
		const shell = start("/bin/sh", "-c", "echo started; exit 3");
		expect(await wait(shell, { text: "never" })).toMatchObject({ status: "exit", exitCode: 3 });
	});

	test("what the process printed last is found although it has ended", async () => {
		const shell = start("/bin/sh", "-c", "echo last words");
		expect(await wait(shell, { text: "last words" })).toMatchObject({ status: "matched" });
	});

	test("of several conditions the first to hold is told", async () => {
		const shell = await bash();
		const result = await wait(shell, {
			text: "nev''er",
			idleMs: 60_000,
			exit: true,
			prompt: true,
			input: "true\r",
		});
		expect(result.status).toBe("prompt");
	});

	test("a time-out is an answer, not an error", async () => {
		expect(await wait(await bash(), { text: "never", timeoutMs: 50 })).toMatchObject({
			status: "timeout",
			match: null,
			exitCode: null,
		});
	});

	test("a wait for nothing is refused, and so is the prompt of a program that tells none", async () => {
		expect(await failure(wait(await bash(), {}))).toMatchObject({ code: "bad_request" });
		const shell = start("/bin/sh");
		expect(await failure(wait(shell, { prompt: true }))).toMatchObject({ code: "shell_not_integrated" });
	});
});
