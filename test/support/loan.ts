/** Somebody who is attached to a session in a terminal of their own, which their holder may borrow. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Session } from "../../src/contract/session.ts";
import { readProcess } from "../../src/platform/processes/index.ts";
import { type Berth, program, until } from "./berth.ts";
import { Terminal } from "./terminal.ts";

export class Loan implements AsyncDisposable {
	private constructor(
		readonly terminal: Terminal,
		/** The holder's pid. */
		readonly holder: number,
		/** The pid of `berth attach`. */
		readonly client: number,
		private readonly path: string,
	) {}

	/** Attaches to a new session of this script, once it says `ready`. */
	static async of(berth: Berth, name: string, argv: readonly string[], flags = ""): Promise<Loan> {
		await berth.ok(["new", name, "-d", "--", ...argv]);
		const { workers } = JSON.parse(await berth.ok(["info", name, "--json"])) as Session;
		const terminal = await Terminal.open({ env: berth.env, cwd: berth.home });
		const path = (await terminal.run("tty")).trim();
		terminal.line(`${program.join(" ")} attach ${name} ${flags}; echo "status=$?"`);
		await terminal.until("ready");
		return new Loan(terminal, readProcess(workers[0]!.pid!)!.ppid, attachPid(berth, name), path);
	}

	/** Whether the holder has the terminal open. */
	get lent(): boolean {
		const folder = `/proc/${this.holder}/fd`;
		return readdirSync(folder).some((fd) => targetOf(`${folder}/${fd}`) === this.path);
	}

	async becomesLent(): Promise<void> {
		await until(() => this.lent, "the terminal is lent");
	}

	async becomesFree(): Promise<void> {
		await until(() => !this.lent, "the holder lets go of the terminal");
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.terminal[Symbol.asyncDispose]();
	}
}

/** The process of `berth attach NAME`. */
export function attachPid(berth: Berth, name: string): number {
	return berth.processes().find((pid) => {
		const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
		return argv.includes("attach") && argv.includes(name);
	})!;
}

function targetOf(link: string): string | null {
	try {
		return readlinkSync(link);
	} catch {
		// Closed while we looked.
		return null;
	}
}
