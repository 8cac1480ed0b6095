/**
 * What a new session or worker is going to be: everything that can be wrong with a request is found here, before anything is stored
 * or started. Nothing in here waits, so that what was free when it was looked at still is when it is stored.
 */
import { basename } from "node:path";
import type { RestartOptions } from "../../contract/agent-start.ts";
import { BerthError } from "../../contract/errors.ts";
import { DEFAULT_SIZE, SESSION_PORTS, START_DEADLINE_MS } from "../../contract/limits.ts";
import { checkName, newId } from "../../contract/names.ts";
import { nameFrom, uniqueName } from "../../contract/naming.ts";
import type { NewSession, NewWorker } from "../../contract/session.ts";
import { isLive } from "../../contract/state.ts";
import type { SessionFacts, SessionRow, WorkerRow } from "../../store/schema.ts";
import { allSessions, sessionByName, sessionByPort, sessionPorts } from "../../store/sessions.ts";
import type { Reader } from "../../store/store.ts";
import { workersOf } from "../../store/workers.ts";
import { type AgentPlan, planAgent, replanAgent } from "./agents/planning.ts";
import type { ControlContext } from "./control-context.ts";
import { checkPort, nextPort, portIsFree } from "./ports.ts";
import { checkCommand, checkDirectory, chooseShell, programName } from "./programs.ts";
import { checkNewWorkerName } from "./worker-changes.ts";
import { newNonce, type RestartPlan } from "./worker-start.ts";

export interface WorkerPlan {
	worker: WorkerRow;
	/** What an agent has besides; null for a terminal. */
	agent: AgentPlan | null;
}

/** Name of the primary worker. */
const PRIMARY = "main";

export interface SessionPlan extends WorkerPlan {
	session: SessionRow;
	/** An ended session that gives up its port, because every other is taken. */
	portFrom: SessionFacts | null;
}

export function planSession(context: ControlContext, input: NewSession, skipPorts = 0): SessionPlan {
	const { store, settings, env, now } = context;
	const programs = (["shell", "command", "agent"] as const).filter((field) => input[field] !== undefined);
	if (programs.length > 1) {
		throw new BerthError("bad_request", `give a ${programs.join(" or a ")}, not both`, {
			field: programs[0],
		});
	}
	if (input.name !== undefined) checkNewName(store.read, input.name);
	const cwd = checkDirectory(input.cwd ?? homeOf(env), homeOf(env));
	const { env: added = {}, baseEnv = {} } = input;
	const full = { ...baseEnv, ...added };
	const searched = { ...env, ...full };
	const id = newId("w");
	const agent = input.agent ? planAgent(context, input.agent, { workerId: id, cwd, baseEnv, added }) : null;
	const given = agent?.command ?? input.command;
	if (input.command) checkCommand(input.command, cwd, searched);
	const shell = given?.[0] ?? chooseShell(input.shell, settings.shell, cwd, searched);
	const { port, portFrom } = choosePort(store.read, input.port, skipPorts);
	const at = now();
	const size = { cols: input.cols ?? DEFAULT_SIZE.cols, rows: input.rows ?? DEFAULT_SIZE.rows };
	const taken = (name: string): boolean => sessionByName(store.read, name) !== undefined;
	const session: SessionRow = {
		id: newId("s"),
		name: input.name ?? uniqueName(nameFrom(basename(cwd), "session"), taken),
		named: input.name !== undefined,
		kind: input.kind ?? "quick",
		cwd,
		shell,
		command: given ?? null,
		env: added,
		baseEnv,
		...size,
		port,
		tags: input.tags ?? [],
		// Absent and null differ: the one takes the default for unnamed sessions, the other turns it off.
		idleTimeoutSeconds: input.idleTimeoutSeconds === null ? 0 : (input.idleTimeoutSeconds ?? null),
		restart: input.restart ?? "no",
		sizePolicy: input.sizePolicy ?? "latest",
		createdAt: at,
		lastActiveAt: at,
	};
	const worker = newWorker({
		id,
		sessionId: session.id,
		name: PRIMARY,
		kind: agent ? "agent" : "terminal",
		position: 0,
		command: given ?? [shell],
		cwd,
		env: agent?.env ?? full,
		...size,
		at,
	});
	return { session, worker, agent, portFrom };
}

export function planWorker(context: ControlContext, session: SessionRow, input: NewWorker): WorkerPlan {
	const { store, env, now } = context;
	const workers = workersOf(store.read, session.id);
	if (!workers.some(({ state }) => state === "running")) {
		// A session whose making fails goes away as a whole, so it takes in nobody before it is made.
		if (workers.some(({ state }) => isLive(state))) {
			throw new BerthError("illegal_transition", `${session.name} is just starting or ending; try again`);
		}
		throw new BerthError(
			"session_ended",
			`${session.name} has ended; restart it first: berth restart ${session.name}`,
		);
	}
	const cwd = input.cwd === undefined ? session.cwd : checkDirectory(input.cwd, homeOf(env));
	if (input.name !== undefined) checkNewWorkerName(workers, session, input.name);
	const id = newId("w");
	const { agent, command, added } = programOf(context, session, input, { id, cwd });
	const named = agent?.agent.definition ?? programName(command);
	const taken = (name: string): boolean => workers.some((worker) => worker.name === name);
	const worker = newWorker({
		id,
		sessionId: session.id,
		name: input.name ?? uniqueName(nameFrom(named, "worker"), taken),
		kind: agent ? "agent" : "terminal",
		position: Math.max(-1, ...workers.map(({ position }) => position)) + 1,
		command,
		cwd,
		env: added,
		cols: input.cols ?? session.cols,
		rows: input.rows ?? session.rows,
		at: now(),
	});
	return { worker, agent };
}

/** What a worker of a session is going to run, and what it adds to the environment. */
function programOf(
	context: ControlContext,
	session: SessionRow,
	input: NewWorker,
	{ id, cwd }: { id: string; cwd: string },
): { agent: AgentPlan | null; command: string[]; added: Record<string, string> } {
	if (input.kind === "agent") {
		const { env: added = {} } = input;
		const place = { workerId: id, cwd, baseEnv: session.baseEnv, sessionEnv: session.env, added };
		const agent = planAgent(context, input.agent, place);
		return { agent, command: agent.command, added: agent.env };
	}
	const added = { ...session.baseEnv, ...session.env, ...input.env };
	const env = { ...context.env, ...added };
	const command = input.command ?? [chooseShell(undefined, context.settings.shell, cwd, env)];
	checkCommand(command, cwd, env);
	return { agent: null, command, added };
}

/** Throws `invalid_name`, or `name_taken` with what to do about it. */
export function checkNewName(read: Reader, name: string): void {
	const holder = sessionByName(read, checkName(name));
	if (!holder) return;
	const live = workersOf(read, holder.id).some(({ state }) => isLive(state));
	const advice = live
		? "attach to it, or choose another name"
		: `it has ended: berth restart ${name}, or berth rm ${name}`;
	throw new BerthError("name_taken", `there is a session ${name} already; ${advice}`, {
		field: "name",
		id: holder.id,
	});
}

/** How a worker starts again. Throws when something is not as it must be for that, and changes nothing. */
export function planRestart(
	context: ControlContext,
	session: SessionRow,
	row: WorkerRow,
	options: RestartOptions,
): RestartPlan {
	const { env } = context;
	checkDirectory(row.cwd, homeOf(env));
	// While it runs its own holder has the port.
	if (row.position === 0 && session.port !== null && !isLive(row.state)) checkPort(session.port);
	if (row.kind === "agent") return replanAgent(context, session, row, options);
	if (options.agent !== undefined || options.fresh)
		throw new BerthError(
			"not_an_agent",
			`${row.name} is a terminal: it has neither a model nor a conversation`,
		);
	checkCommand(row.command, row.cwd, { ...env, ...row.env });
	return { command: row.command, env: row.env, agent: null, undo: null };
}

interface WorkerFacts {
	id: string;
	sessionId: string;
	name: string;
	kind: WorkerRow["kind"];
	position: number;
	command: string[];
	cwd: string;
	env: Record<string, string>;
	cols: number;
	rows: number;
	at: number;
}

function newWorker({ at, ...facts }: WorkerFacts): WorkerRow {
	return {
		...facts,
		state: "starting",
		generation: 1,
		nonce: newNonce(),
		holderPid: null,
		holderStart: null,
		pid: null,
		pidStart: null,
		bootId: null,
		exitCode: null,
		exitSignal: null,
		exitReason: null,
		title: "",
		offset: 0,
		startedAt: null,
		endedAt: null,
		deadlineAt: at + START_DEADLINE_MS,
		stopReason: null,
		restarts: 0,
		nextRestartAt: null,
	};
}

function choosePort(
	read: Reader,
	wanted: number | null | undefined,
	skip: number,
): Pick<SessionPlan, "portFrom"> & { port: number | null } {
	if (wanted === null) return { port: null, portFrom: null };
	if (wanted !== undefined) {
		const holder = sessionByPort(read, wanted);
		if (holder) {
			throw new BerthError("port_taken", `port ${wanted} is the session ${holder.name}'s`, {
				field: "port",
				id: holder.id,
			});
		}
		checkPort(wanted);
		return { port: wanted, portFrom: null };
	}
	const port = nextPort(sessionPorts(read), skip);
	if (port !== null) return { port, portFrom: null };
	const portFrom = longestEnded(read);
	if (portFrom?.port == null) {
		const range = `${SESSION_PORTS.first} to ${SESSION_PORTS.last}`;
		throw new BerthError(
			"no_free_port",
			`every port from ${range} is taken; end a session, or make one without a port`,
		);
	}
	return { port: portFrom.port, portFrom };
}

/** A thousand sessions that nobody forgot must not keep the next one from starting. */
function longestEnded(read: Reader): SessionFacts | null {
	let longest: { session: SessionFacts; endedAt: number } | null = null;
	for (const session of allSessions(read)) {
		const { port } = session;
		if (port === null || port < SESSION_PORTS.first || port > SESSION_PORTS.last || !portIsFree(port))
			continue;
		const workers = workersOf(read, session.id);
		if (workers.some(({ state, nextRestartAt }) => isLive(state) || nextRestartAt !== null)) continue;
		const endedAt = Math.max(0, ...workers.map((worker) => worker.endedAt ?? 0));
		if (!longest || endedAt < longest.endedAt) longest = { session, endedAt };
	}
	return longest?.session ?? null;
}

function homeOf(env: ControlContext["env"]): string {
	return env.HOME || "/";
}
