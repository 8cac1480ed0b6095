/** For tests of what agents tell: a store with one agent in it, and the log that its holder would write. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT_LOG, type AgentFact } from "../../../contract/agent-log.ts";
import type { ItemBody } from "../../../contract/conversation.ts";
import type { ExitReason } from "../../../contract/state.ts";
import type { AgentDriver } from "../../../contract/words.ts";
import { ensurePrivateDir } from "../../../platform/files.ts";
import { generationDir, type Paths, pathsFrom } from "../../../platform/paths.ts";
import { createAgent } from "../../../store/agents.ts";
import type { WorkerRow } from "../../../store/schema.ts";
import { createSession } from "../../../store/sessions.ts";
import { Store } from "../../../store/store.ts";
import { agent, session, worker } from "../../../store/testing.ts";
import { createWorker, moveWorker, workerById } from "../../../store/workers.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A home with a session `s_1` of one running agent `w_1`, and time that the test moves. */
export class AgentHome implements Disposable {
	readonly home = mkdtempSync(join(tmpdir(), "ba-"));
	readonly paths: Paths = pathsFrom({ BERTH_HOME: this.home, HOME: this.home });
	readonly workerId = "w_1";
	time = START;
	store: Store;
	#written = 0;

	constructor(driver: AgentDriver = "acp") {
		ensurePrivateDir(this.paths.state);
		this.store = this.#open();
		addAgent(this.store, driver);
		this.#folder(1);
	}

	get worker(): WorkerRow {
		return workerById(this.store.read, this.workerId)!;
	}

	/** What the holder writes, in whole lines. */
	writes(...facts: AgentFact[]): void {
		for (const fact of facts) this.writesText(this.line(fact));
	}

	line(fact: AgentFact): string {
		return `${JSON.stringify({ n: ++this.#written, at: this.time++, ...fact })}\n`;
	}

	/** What reaches the disk of it, which may be half a line. */
	writesText(text: string | Uint8Array): void {
		appendFileSync(join(this.#dir(this.worker.generation), AGENT_LOG), text);
	}

	ends(exitReason: ExitReason = "exited"): void {
		const exitCode = exitReason === "exited" ? 0 : null;
		this.store.change((change) =>
			moveWorker(change, this.workerId, "exited", { exitCode, exitReason, endedAt: this.time }),
		);
	}

	restarts(): void {
		const generation = this.worker.generation + 1;
		this.store.change((change) => moveWorker(change, this.workerId, "starting", { generation }));
		this.store.change((change) => moveWorker(change, this.workerId, "running", {}));
		this.#written = 0;
		this.#folder(generation);
	}

	/** As if the daemon had died: another one opens what was committed. */
	reopen(): void {
		this.store.close();
		this.store = this.#open();
	}

	[Symbol.dispose](): void {
		this.store.close();
		rmSync(this.home, { recursive: true });
	}

	#open(): Store {
		return Store.open(this.paths.database, { now: () => this.time });
	}

	#dir(generation: number): string {
		return generationDir(this.paths, this.workerId, generation);
	}

	#folder(generation: number): void {
		ensurePrivateDir(this.#dir(generation));
	}
}

/** Puts the session `s_1` into a store, called `work`, with a running agent `w_1`. */
export function addAgent(store: Store, driver: AgentDriver = "acp"): void {
	const command = ["fake-agent"];
	const evidence = { kind: "process", rule: "started", text: null, at: START } as const;
	store.change((change) => {
		createSession(
			change,
			session("s_1", { name: "work", command, env: {}, createdAt: START, lastActiveAt: START }),
		);
		createWorker(change, worker("w_1", "s_1", { kind: "agent", command }));
		createAgent(
			change,
			agent("w_1", { definition: "fake", driver, status: { state: "starting", since: START, evidence } }),
		);
		moveWorker(change, "w_1", "running", {});
	});
}

/** A message of the assistant's. */
export function message(id: string, text: string, done = true): AgentFact {
	const body: ItemBody = { type: "message", role: "assistant", parts: [{ type: "text", text }], done };
	return { kind: "item", id, body };
}
