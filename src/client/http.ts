/** HTTP as the client needs it: a base URL, a token, and failures as BerthErrors. Web-standard code only. */
import { BerthError, errorKinds } from "../contract/errors.ts";

/** `fetch`, or a stand-in for it: one that goes through a unix socket, or one that starts the daemon first. */
export type Fetcher = (url: string, init?: RequestInit) => Promise<Response>;

export interface HttpOptions {
	/** `http://127.0.0.1:19999`; through a unix socket any host name does. */
	baseUrl: string;
	/** Bearer token; not needed through the unix socket, nor in a browser that has the login cookie. */
	token?: string;
	fetch?: Fetcher;
}

/**
 * A fetcher that adds the token and throws a BerthError for every answer that is not 2xx and for no answer at all
 * (`daemon_unreachable`). An abort by the caller's own signal is passed on as it is.
 */
export function checkedFetch(options: HttpOptions): Fetcher {
	const { token, fetch: send = (url, init) => fetch(url, init) } = options;
	return async (url, init = {}) => {
		const headers = new Headers(init.headers);
		if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
		let response: Response;
		try {
			response = await send(url, { ...init, headers });
		} catch (error) {
			if (error instanceof BerthError || init.signal?.aborted) throw error;
			throw new BerthError("daemon_unreachable", `nothing answers at ${options.baseUrl}`, undefined, error);
		}
		if (!response.ok) throw await errorOf(response);
		return response;
	};
}

/** The error that a response reports: its problem document, or the nearest code when there is none. */
export async function errorOf(response: Response): Promise<BerthError> {
	const text = await response.text();
	const problem = parseProblem(text);
	if (problem !== null) return BerthError.fromProblem(problem);
	const code = codeOf(response.status);
	return new BerthError(
		code,
		`the answer was ${response.status} without an explanation: ${text.slice(0, 200)}`,
	);
}

function parseProblem(text: string): { code: string; detail?: string } | null {
	try {
		const value: unknown = JSON.parse(text);
		const isProblem = typeof value === "object" && value !== null && "code" in value;
		return isProblem ? (value as { code: string; detail?: string }) : null;
	} catch {
		// Not JSON: something between us and the daemon answered.
		return null;
	}
}

function codeOf(status: number): keyof typeof errorKinds {
	for (const [code, kind] of Object.entries(errorKinds)) {
		if (kind.status === status) return code as keyof typeof errorKinds;
	}
	return "internal";
}
