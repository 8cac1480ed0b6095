/**
 * The one client of the page, made of the project's typed client. Every answer also tells whether the daemon can be reached and
 * whether this browser is still logged in; the stores listen here.
 */
import { answer, createClient, pathPart } from "../../../../src/client/client.ts";
import type { App } from "../../../../src/daemon/app.ts";

type Listener<T> = (value: T) => void;

/** What requests find out beside their own answers. */
export type Finding = "reachable" | "unreachable" | "logged-out" | "events-open";

const listeners = new Set<Listener<Finding>>();

/** Returns the removal. */
export function onFinding(listener: Listener<Finding>): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** Also what another window of this browser found. */
export function tell(finding: Finding): void {
	for (const listener of listeners) listener(finding);
}

async function watchedFetch(url: string, init?: RequestInit): Promise<Response> {
	let response: Response;
	try {
		response = await fetch(url, init);
	} catch (error) {
		if (!init?.signal?.aborted) tell("unreachable");
		throw error;
	}
	tell("reachable");
	if (response.status === 401) tell("logged-out");
	if (response.ok && new URL(url).pathname === "/events" && isStream(response)) tell("events-open");
	return response;
}

function isStream(response: Response): boolean {
	return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

export const berth = createClient<App>({ baseUrl: location.origin, fetch: watchedFetch });
export { answer, pathPart };

export const sessionApi = (ref: string) => berth.api.sessions({ ref: pathPart(ref) });
export const workerApi = (sessionId: string, workerId: string) =>
	sessionApi(sessionId).workers({ wid: pathPart(workerId) });

/** Where a worker is in the API, for what the typed client does not carry: streams, texts and downloads. */
export const workerPath = (sessionId: string, workerId: string) =>
	`/sessions/${pathPart(sessionId)}/workers/${pathPart(workerId)}`;

/** The address of a WebSocket of ours. */
export function socketUrl(path: string): string {
	return `${location.origin.replace(/^http/, "ws")}${path}`;
}
