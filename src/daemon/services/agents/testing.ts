/** For tests of what agents tell: a store with one agent in it, and the log that its holder would write. */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentStatus } from "../../../contract/agent.ts";
import { AGENT_LOG, type AgentFact } from "../../../contract/agent-log.ts";
import type { ItemBody } from "../../../contract/conversation.ts";
import type { ExitReason } from "../../../contract/state.ts";
import type { AgentDriver } from "../../../contract/words.ts";
import { ensurePrivateDir } from "../../../platform/files.ts";
import { generationDir, type Paths, pathsFrom } from "../../../platform/paths.ts";
import { createAgent } from "../../../store/agents.ts";
import type { SessionRow, WorkerRow } from "../../../store/schema.ts";
import { createSession } from "../../../store/sessions.ts";
import { Store } from "../../../store/store.ts";
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
	store.change((change) => {
		createSession(change, session);
		createWorker(change, worker);
		createAgent(change, { ...agent, driver });
		moveWorker(change, worker.id, "running", {});
	});
}

/** A message of the assistant's. */
export function message(id: string, text: string, done = true): AgentFact {
	const body: ItemBody = { type: "message", role: "assistant", parts: [{ type: "text", text }], done };
	return { kind: "item", id, body };
}

const session: SessionRow = {
	id: "s_1",
	name: "work",
	named: true,
	kind: "quick",
	cwd: "/",
	shell: "fake-agent",
	command: ["fake-agent"],
	env: {},
	cols: 80,
	rows: 24,
	port: null,
	tags: [],
	idleTimeoutSeconds: null,
	restart: "no",
	sizePolicy: "latest",
	createdAt: START,
	lastActiveAt: START,
};

const worker: WorkerRow = {
	id: "w_1",
	sessionId: "s_1",
	name: "main",
	kind: "agent",
	position: 0,
	command: ["fake-agent"],
	cwd: "/",
	env: {},
	state: "starting",
	generation: 1,
	nonce: "5eed",
	holderPid: null,
	pid: null,
	holderStart: null,
	pidStart: null,
	bootId: null,
	exitCode: null,
	exitSignal: null,
	exitReason: null,
	title: "",
	cols: 80,
	rows: 24,
	offset: 0,
	startedAt: null,
	endedAt: null,
	deadlineAt: null,
	stopReason: null,
	restarts: 0,
	nextRestartAt: null,
};

const starting: AgentStatus = {
	state: "starting",
	since: START,
	evidence: { kind: "process", rule: "started", text: null, at: START },
};

const agent = {
	workerId: "w_1",
	definition: "fake",
	driver: "acp" as AgentDriver,
	model: null,
	mode: null,
	args: [],
	env: {},
	models: [],
	modes: [],
	images: false,
	conversation: null,
	status: starting,
	logGeneration: 1,
	logOffset: 0,
	logRecords: 0,
	items: 0,
};
