/**
 * A machine that was suspended: everything of Berth's and all its clients are stopped at once, for longer than any keep-alive, and
 * continued. Stopped processes see less favour than suspended ones: every clock has gone on meanwhile.
 */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Session } from "../../src/contract/session.ts";
import type { Event } from "../../src/contract/system.ts";
import { alive, Berth, program, until } from "../support/berth.ts";
import { Attached } from "../support/holder.ts";
import { allEvents, contradictions } from "../support/torture.ts";
import type { WebClientLine } from "../support/web-client.ts";

/** Milliseconds: longer than the longest time without a sign of life that Berth forgives (60 s, src/holder/port/socket.ts). */
const SUSPENDED_MS = 61_000;
const LIMIT_MS = SUSPENDED_MS + 300_000;

/** Prints lines without end. */
const PRINTER = ["bash", "-c", "i=0; while :; do i=$((i+1)); echo line $i; read -t 0.01 x; done"];

function isStopped(pid: number): boolean {
	try {
		return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
	} catch {
		// It ended meanwhile.
		return true;
	}
}

/** Stops everything that knows this home, whatever starts meanwhile as well. Parents before children, whose stop would be told to them. */
function suspend(berth: Berth): number[] {
	for (;;) {
		const running = berth
			.processes()
			.filter((pid) => !isStopped(pid))
			.sort((a, b) => a - b);
		if (running.length === 0) return berth.processes().sort((a, b) => b - a);
		for (const pid of running) {
			if (!alive(pid)) continue;
			process.kill(pid, "SIGSTOP");
			// A shell that still ran would see its job being stopped, which no suspension shows to anybody.
			while (alive(pid) && !isStopped(pid)) Bun.sleepSync(1);
		}
	}
}

/** A command or script in a process of its own, with what it printed. */
class Client implements AsyncDisposable {
	readonly #child: Bun.Subprocess;
	readonly #pty: Bun.Terminal | undefined;
	#output = "";

	constructor(berth: Berth, argv: readonly string[], terminal: boolean) {
		const take = (bytes: Uint8Array): void => {
			this.#output += Buffer.from(bytes).toString("latin1");
		};
		const options = { env: berth.env, cwd: berth.home };
		if (terminal) {
			this.#child = Bun.spawn([...argv], {
				...options,
				terminal: { cols: 80, rows: 24, data: (_, bytes) => take(bytes) },
			});
			this.#pty = this.#child.terminal;
		} else {
			const child = Bun.spawn([...argv], { ...options, stdio: ["ignore", "pipe", "inherit"] });
			this.#child = child;
			void (async () => {
				for await (const chunk of child.stdout) take(chunk);
			})();
		}
	}

	get output(): string {
		return this.#output;
	}

	/** The lines that are whole, as JSON. */
	lines<T>(): T[] {
		return this.#output
			.split("\n")
			.slice(0, -1)
			.map((line) => JSON.parse(line) as T);
	}

	get exited(): Promise<number> {
		return this.#child.exited;
	}

	get exitCode(): number | null {
		return this.#child.exitCode;
	}

	type(text: string): void {
		this.#pty!.write(text);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill("SIGKILL");
		await this.#child.exited;
		this.#pty?.close();
	}
}

/** How far a WebSocket client has read; throws when bytes were missing or a second snapshot came. */
function position(client: Client): number {
	let at: number | null = null;
	for (const line of client.lines<WebClientLine>()) {
		if (line.kind === "end") throw new Error(`it ended: ${line.why}`);
		if (line.kind === "snapshot") {
			expect(at, "one snapshot, the first").toBeNull();
			at = line.offset;
		} else if (line.kind === "output") {
			expect(line.from, "output without a hole").toBe(at ?? -1);
			at = line.to;
		}
	}
	return at ?? -1;
}

test(
	"a machine that was suspended goes on where it stood: daemon, holders, programs and clients stopped and continued",
	async () => {
		await using berth = await Berth.start();
		await using stack = new AsyncDisposableStack();
		const make = async (name: string, command: string[] | undefined, more: object = {}): Promise<Session> => {
			const made = await berth.api<Session>("POST", "/sessions", { name, command, ...more });
			expect(made.status).toBe(201);
			return made.body;
		};
		const cli = (args: string[], terminal = false) =>
			stack.use(new Client(berth, [...program, ...args], terminal));

		const printer = await make("printer", PRINTER, { idleTimeoutSeconds: 30 });
		await make("typed", ["cat"], { port: null });
		await make("stubborn", ["sh", "-c", "trap '' HUP TERM; echo ready; while :; do sleep 1; done"], {
			port: null,
		});
		await make("shell", undefined, { port: null });
		await berth.api("POST", "/sessions/stubborn/wait", { text: "ready", timeoutMs: 20_000 });
		const before = (await berth.api<Session[]>("GET", "/sessions")).body;
		const token = (await berth.api<{ token: string }>("POST", "/tokens", { scope: "write" })).body.token;

		const attach = cli(["attach", "typed"], true);
		const logs = cli(["logs", "-f", "--raw", "printer"]);
		const events = cli(["events", "-f", "--json"]);
		const web = [`127.0.0.1:${berth.port}/sessions/printer`, `127.0.0.1:${printer.port}`].map((base) => {
			const script = new URL("../support/web-client.ts", import.meta.url).pathname;
			return stack.use(new Client(berth, [process.execPath, script, `ws://${base}/attach`, token], false));
		});
		const watcher = await Attached.open(printer.workers[0]!.socket!, { role: "viewer" });
		const waiting = cli(["wait", "typed", "--text", "after-the-night", "--timeout", "10m"]);
		const running = cli(["run", "shell", "--", "sh", "-c", "sleep 3; exit 7"]);
		await until(() => attach.output.includes("\x1b[2J"), "attach has painted");
		await until(() => web.every((client) => position(client) > 0), "both WebSockets read");
		await until(() => logs.output.includes("line 20\r\n"), "logs follows");
		await watcher.sees("line 20\r\n");
		attach.type("before-the-night\r");
		await until(() => attach.output.includes("before-the-night\r\nbefore-the-night"), "typing works");
		await until(
			async () => (await (await berth.fetch("/sessions/shell/screen")).text()).includes("sleep 3"),
			"run has typed its command",
		);
		const closing = cli(["close", "stubborn"]);
		await until(
			async () =>
				(await berth.api<Session>("GET", "/sessions/stubborn")).body.workers[0]!.state === "stopping",
			"the close is on its way",
		);

		const everybody = suspend(berth);
		// Nothing tells when a suspension has been long enough.
		await Bun.sleep(SUSPENDED_MS);
		const stood = { web: web.map(position), logs: logs.output.length, watcher: watcher.next };
		for (const pid of everybody) if (alive(pid)) process.kill(pid, "SIGCONT");

		await until(() => web.every((client, n) => position(client) > stood.web[n]!), "the WebSockets read on");
		await until(() => logs.output.length > stood.logs, "logs follows on");
		await until(() => watcher.next > stood.watcher, "the stream goes on");
		expect(watcher.contiguous && !watcher.closed).toBe(true);
		watcher.close();
		expect(attach.exitCode).toBeNull();
		attach.type("after-the-night\r");
		await until(() => attach.output.includes("after-the-night\r\nafter-the-night"), "typing works again");
		expect(await waiting.exited).toBe(0);
		expect(await running.exited).toBe(7);
		expect(await closing.exited).toBe(0);

		const after = (await berth.api<Session[]>("GET", "/sessions?all=true")).body;
		const pidOf = ({ name, workers }: Session) => `${name} ${workers[0]!.state} ${workers[0]!.pid}`;
		const lasting = (session: Session) => session.name !== "stubborn";
		expect(after.filter(lasting).map(pidOf).sort()).toEqual(before.filter(lasting).map(pidOf).sort());
		expect(after.find(({ name }) => name === "stubborn")!.workers[0]).toMatchObject({
			state: "exited",
			exit: { reason: "closed" },
		});
		expect((await berth.api("POST", "/sessions/printer/kill")).body).toEqual({ status: "killed" });
		expect(await logs.exited).toBe(0);
		const journal = Buffer.from(await (await berth.fetch("/sessions/printer/journal")).arrayBuffer());
		expect(logs.output === journal.toString("latin1"), "logs had every byte").toBe(true);

		const told = await allEvents(berth);
		expect(contradictions(told)).toEqual([]);
		expect(told.filter(({ type }) => type === "worker.lost")).toEqual([]);
		await until(() => events.lines<Event>().at(-1)?.seq === told.at(-1)!.seq, "events follows to the end");
		const heard = events.lines<Event>().map(({ seq }) => seq);
		expect(heard).toEqual(told.map(({ seq }) => seq).filter((seq) => seq >= heard[0]!));
	},
	LIMIT_MS,
);
