/** A terminal that is lent to the holder: who has it, and that it comes back in every way. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Berth } from "../support/berth.ts";
import { Loan } from "../support/loan.ts";

let berth: Berth;
beforeAll(async () => {
	berth = await Berth.start();
});
afterAll(() => berth[Symbol.asyncDispose]());

const DETACH = "\x1c";

const attached = (name: string, script: string, flags?: string) =>
	Loan.of(berth, name, ["sh", "-c", script], flags);

test("a terminal that is attached is lent to the holder, and whoever leaves has it back", async () => {
	await using loan = await attached("left", "echo ready; cat");
	await loan.becomesLent();
	loan.terminal.type("typed\n");
	await loan.terminal.until(/typed\r\ntyped\r\n/);
	loan.terminal.type(`last${DETACH}`);
	await loan.terminal.until(/\[detached from left\]\r\nstatus=0\r\n/);
	await loan.becomesFree();
	expect(await loan.terminal.run("echo mine")).toBe("mine\n");
	expect(await berth.ok(["screen", "left"])).toContain("typed\ntyped\nlast");
});

test("a holder lets go of the terminal of a client that is killed", async () => {
	await using loan = await attached("killed", "echo ready; cat");
	await loan.becomesLent();
	process.kill(loan.client, "SIGKILL");
	await loan.becomesFree();
});

test("a client that is stopped is shown nothing more, and lends its terminal again when it goes on", async () => {
	await using loan = await attached("stopped", "echo ready; while sleep 0.05; do echo tick; done");
	await loan.becomesLent();
	process.kill(loan.client, "SIGSTOP");
	await loan.becomesFree();
	const mark = loan.terminal.mark;
	expect(await loan.terminal.run("sleep 0.3; echo mine")).toBe("mine\n");
	expect(loan.terminal.since(mark)).not.toContain("tick");
	loan.terminal.line("fg");
	await loan.becomesLent();
	loan.terminal.type(DETACH);
	await loan.terminal.until(/\[detached from stopped\]/);
});

test("a suspended client has its terminal to itself", async () => {
	await using loan = await attached("suspended", "echo ready; cat");
	await loan.becomesLent();
	process.kill(loan.client, "SIGTSTP");
	await loan.terminal.until(/Stopped/);
	expect(loan.lent).toBe(false);
	loan.terminal.line("fg");
	await loan.becomesLent();
});

test("what a program has switched on is undone when the holder is killed that has the terminal", async () => {
	const script = "echo ready; read x; printf '\\033[?1049h\\033[>3u\\033[?6hfull'; cat";
	await using loan = await attached("full", script);
	await loan.becomesLent();
	const mark = loan.terminal.mark;
	loan.terminal.type("\n");
	await loan.terminal.until("full", mark);
	await loan.becomesLent();
	process.kill(loan.holder, "SIGKILL");
	await loan.terminal.until(/\[lost\]\r\nstatus=1\r\n/, mark);
	const tail = loan.terminal.since(mark);
	expect(tail).toContain("\x1b[<1u\x1b[=0;1u\x1b[?1049l");
});

test("keys that detach are known wherever they are read, also when output takes the terminal back between them", async () => {
	const script = "echo ready; cat > /dev/null & stty raw; head -c 1; seq 20000; sleep 60";
	await using loan = await attached("between", script, "--detach-keys ctrl-a,d");
	await loan.becomesLent();
	loan.terminal.type("x");
	loan.terminal.type("\x01");
	await loan.terminal.until("19999");
	loan.terminal.type("d");
	await loan.terminal.until(/\[detached from between\]\r\nstatus=0\r\n/);
});

test("the terminal of somebody who only watches is not lent", async () => {
	await using loan = await attached("watched", "echo ready; cat", "--read-only");
	await berth.ok(["send", "watched", "shown", "--enter"]);
	await loan.terminal.until(/shown\r\nshown\r\n/);
	expect(loan.lent).toBe(false);
	loan.terminal.type(DETACH);
	await loan.terminal.until("[detached from watched]");
});
