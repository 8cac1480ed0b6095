/**
 * The daemon as commands see it: the typed client over the unix socket. A request that finds nobody listening starts the daemon and
 * is sent again; one that a hung daemon has accepted and does not answer ends with a sentence instead of for ever.
 */
import { answer, type Client, createClient, pathPart } from "../client/client.ts";
import type { Fetcher } from "../client/http.ts";
import { BerthError } from "../contract/errors.ts";
import type { AgentWorker, Session, Worker } from "../contract/session.ts";
import type { Health } from "../contract/system.ts";
import type { App } from "../daemon/app.ts";
import type { Cli } from "./cli.ts";
import { parseTarget } from "./target.ts";

/** Host name in requests; the unix socket decides who is reached. */
const BASE_URL = "http://localhost";

/**
 * Milliseconds: a request that is still open after `patience` makes us ask whether the daemon answers at all, again and again; a
 * health check may take `health`. Generous, for a daemon that is busy is none that hangs: while it ended 100 sessions on a machine with
 * a load of 16, its answers took more than 3 s.
 */
const HANG_MS = { patience: 3000, health: 8000 } as const;

/** Milliseconds that the kernel may take to clear a killed daemon's socket away, and between attempts. */
const DYING_MS = { limit: 3000, look: 10 } as const;

export class Api {
	readonly client: Client<App>;
	readonly socket: string;

	constructor(client: Client<App>, socket: string) {
		this.client = client;
		this.socket = socket;
	}

	get routes(): Client<App>["api"] {
		return this.client.api;
	}

	/** The paths below one session. */
	session(ref: string) {
		return this.routes.sessions({ ref: pathPart(ref) });
	}

	/** The paths below one worker of a session. */
	worker(ref: string, workerId: string) {
		return this.session(ref).workers({ wid: pathPart(workerId) });
	}

	/** The paths of what REF or REF/WORKER names: a worker takes every path of a session's own terminal. */
	target(text: string) {
		const { ref, worker } = parseTarget(text);
		return worker === null ? this.session(ref) : this.worker(ref, worker);
	}

	/** As {@link target}, for answers that are streams. */
	targetPath(text: string): string {
		const { ref, worker } = parseTarget(text);
		const session = `/sessions/${pathPart(ref)}`;
		return worker === null ? session : `${session}/workers/${pathPart(worker)}`;
	}

	/** The worker that REF or REF/WORKER names, and its session. */
	async getTarget(text: string): Promise<{ session: Session; worker: Worker }> {
		const { ref, worker } = parseTarget(text);
		if (worker === null) {
			const session = await this.getSession(ref);
			return { session, worker: primaryWorker(session) };
		}
		const found = await answer(this.worker(ref, worker).get());
		return { session: await this.getSession(found.sessionId), worker: found };
	}

	/** As {@link getTarget}, of an agent: REF alone means the session's own worker if it is one, else the only one there is. */
	async getAgent(text: string): Promise<AgentWorker> {
		const { session, worker } = await this.getTarget(text);
		if (worker.kind === "agent") return worker;
		const agents = session.workers.filter((each) => each.kind === "agent");
		const [only] = agents;
		if (parseTarget(text).worker !== null || !only)
			throw new BerthError(
				"not_an_agent",
				`${text} is a terminal; berth worker ls ${session.name} shows what there is`,
			);
		if (agents.length === 1) return only;
		const names = agents.map(({ name }) => `${session.name}/${name}`).join(", ");
		throw new BerthError("ambiguous_reference", `${session.name} has several agents: say ${names}`);
	}

	async getSession(ref: string): Promise<Session> {
		return answer(this.session(ref).get());
	}

	/** An answer that is JSON or text, depending on what is asked for. */
	async json<T>(path: string): Promise<T> {
		const response = await this.client.fetch(path, { headers: { accept: "application/json" } });
		return (await response.json()) as T;
	}

	async listSessions(all: boolean): Promise<Session[]> {
		return answer(this.routes.sessions.get({ query: { all } }));
	}

	/** Throws `daemon_unreachable` when nothing answers in time. */
	async health(): Promise<Health> {
		const signal = AbortSignal.timeout(HANG_MS.health);
		try {
			return await answer(this.routes.health.get({ query: {}, fetch: { signal } }));
		} catch (error) {
			throw signal.aborted ? hungDaemon(this.socket) : error;
		}
	}
}

/** The worker that a session is named for. */
export function primaryWorker(session: Session): Worker {
	const [worker] = session.workers;
	if (!worker) throw new BerthError("worker_not_found", `the session ${session.name} has no worker`);
	return worker;
}

export function openApi(cli: Cli, { autostart }: { autostart: boolean }): Api {
	const socket = cli.paths.daemonSocket;
	const plain: Fetcher = (url, init) => fetch(url, { ...init, unix: socket, timeout: false } as RequestInit);
	const patient: Fetcher = (url, init) => watched(plain, url, init, socket);
	const starting: Fetcher = async (url, init) => {
		try {
			return await persistent(patient, url, init);
		} catch (error) {
			if (!autostart || !nobodyListens(error)) throw explained(error, socket);
			const { startDaemon } = await import("./start-daemon.ts");
			await startDaemon(cli);
			return patient(url, init);
		}
	};
	let met = false;
	const polite: Fetcher = async (url, init) => {
		// What changes something is not sent twice, so that a daemon which is just dying has to be found out before.
		if (!met && !changesNothing(init)) await starting(`${BASE_URL}/health`);
		met = true;
		return starting(url, init);
	};
	return new Api(createClient<App>({ baseUrl: BASE_URL, fetch: polite }), socket);
}

/** Asks again what a dying daemon has accepted and not answered, until somebody answers or nobody listens any more. */
async function persistent(send: Fetcher, url: string, init?: RequestInit): Promise<Response> {
	const deadline = performance.now() + DYING_MS.limit;
	for (;;) {
		try {
			return await send(url, init);
		} catch (error) {
			if (!brokenOff(error) || !changesNothing(init) || performance.now() > deadline) throw error;
			await Bun.sleep(DYING_MS.look);
		}
	}
}

/** Whether the daemon answers its socket within the time of a health check. */
export async function answersHealth(socket: string): Promise<boolean> {
	try {
		const signal = AbortSignal.timeout(HANG_MS.health);
		const response = await fetch(`${BASE_URL}/health`, { unix: socket, signal } as RequestInit);
		return response.ok;
	} catch {
		// Refused, reset or too late: in each case it does not answer.
		return false;
	}
}

function nobodyListens(error: unknown): boolean {
	const code = (error as NodeJS.ErrnoException).code;
	return code === "ECONNREFUSED" || code === "ENOENT";
}

/** The daemon died with the request in its hands, so that nobody knows whether it was carried out. */
function brokenOff(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === "ECONNRESET" || code === "EPIPE";
}

/** Asking twice does no more than asking once. */
function changesNothing(init: RequestInit | undefined): boolean {
	return (init?.method ?? "GET") === "GET";
}

function explained(error: unknown, socket: string): unknown {
	if (brokenOff(error)) {
		return new BerthError(
			"daemon_unreachable",
			"the daemon went before it answered, and may or may not have done what it was asked; berth ls starts it again and shows",
			undefined,
			error,
		);
	}
	if (!nobodyListens(error)) return error;
	return new BerthError(
		"daemon_unreachable",
		`the daemon does not run (nothing listens on ${socket}); berth daemon start starts it`,
		undefined,
		error,
	);
}

/** Sends the request and, while it is open, makes sure that somebody is at home. */
async function watched(
	send: Fetcher,
	url: string,
	init: RequestInit = {},
	socket: string,
): Promise<Response> {
	const hung = new AbortController();
	const signal = init.signal ? AbortSignal.any([init.signal, hung.signal]) : hung.signal;
	let timer = setTimeout(check, HANG_MS.patience);
	async function check(): Promise<void> {
		if (await answersHealth(socket)) timer = setTimeout(check, HANG_MS.patience);
		else hung.abort(hungDaemon(socket));
	}
	try {
		return await send(url, { ...init, signal });
	} finally {
		clearTimeout(timer);
	}
}

function hungDaemon(socket: string): BerthError {
	return new BerthError(
		"daemon_unreachable",
		`the daemon accepts connections on ${socket} but does not answer; berth daemon restart replaces it, sessions keep running`,
	);
}
