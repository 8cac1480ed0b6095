/** For tests beside the source: rows that differ in what the test names. */
import type { AgentRow, SessionRow, WorkerRow } from "./schema.ts";

export function session(id: string, over: Partial<SessionRow> = {}): SessionRow {
	return {
		id,
		name: id.slice(2),
		named: true,
		kind: "quick",
		cwd: "/",
		shell: "/bin/sh",
		command: null,
		env: { SECRET: "s3cret" },
		baseEnv: {},
		cols: 80,
		rows: 24,
		port: null,
		tags: [],
		idleTimeoutSeconds: null,
		restart: "no",
		sizePolicy: "latest",
		createdAt: 1,
		lastActiveAt: 1,
		...over,
	};
}

/** One that starts. */
export function worker(id: string, sessionId: string, over: Partial<WorkerRow> = {}): WorkerRow {
	return {
		id,
		sessionId,
		name: "main",
		kind: "terminal",
		position: 0,
		command: ["/bin/sh"],
		cwd: "/",
		env: {},
		state: "starting",
		generation: 1,
		nonce: "00",
		holderPid: null,
		holderStart: null,
		pidStart: null,
		bootId: null,
		pid: null,
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
		...over,
	};
}

/** What a worker of kind `agent` has besides. */
export function agent(workerId: string, over: Partial<AgentRow> = {}): AgentRow {
	return {
		workerId,
		definition: "claude",
		driver: "pty",
		...{ model: null, mode: null, chosenModel: null, chosenMode: null },
		args: [],
		env: {},
		models: [],
		modes: [],
		images: false,
		conversation: null,
		status: {
			state: "starting",
			since: 1,
			evidence: { kind: "process", rule: "started", text: null, at: 1 },
		},
		logGeneration: 1,
		logOffset: 0,
		logRecords: 0,
		items: 0,
		...over,
	};
}
