/** The daemon as commands see it: the typed client, by the words that commands take. */
import { answer, type Client, createClient, pathPart } from "../client/client.ts";
import type { Fetcher } from "../client/http.ts";
import { BerthError } from "../contract/errors.ts";
import type { AgentWorker, Session, Worker } from "../contract/session.ts";
import type { Health } from "../contract/system.ts";
import type { App } from "../daemon/app.ts";
import { BASE_URL, HANG_MS, hungDaemon } from "./health-check.ts";
import { parseTarget } from "./target.ts";

export class Api {
	readonly client: Client<App>;
	readonly socket: string;

	constructor(fetch: Fetcher, socket: string) {
		this.client = createClient<App>({ baseUrl: BASE_URL, fetch });
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
