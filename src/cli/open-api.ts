/**
 * The daemon's unix socket: a request that finds nobody listening starts the daemon and is sent again; one that a hung daemon has accepted
 * and does not answer ends with a sentence instead of for ever.
 */
import type { Fetcher } from "../client/http.ts";
import { BerthError } from "../contract/errors.ts";
import { Api } from "./api.ts";
import { answersHealth, BASE_URL, HANG_MS, hungDaemon } from "./health-check.ts";
import type { Surroundings } from "./surroundings.ts";

/** Milliseconds that the kernel may take to clear a killed daemon's socket away, and between attempts. */
const DYING_MS = { limit: 3000, look: 10 } as const;

export function openApi(here: Surroundings, { autostart }: { autostart: boolean }): Api {
	const socket = here.paths.daemonSocket;
	const plain: Fetcher = (url, init) => fetch(url, { ...init, unix: socket, timeout: false } as RequestInit);
	const patient: Fetcher = (url, init) => watched(plain, url, init, socket);
	const starting: Fetcher = async (url, init) => {
		try {
			return await persistent(patient, url, init);
		} catch (error) {
			if (!autostart || !nobodyListens(error)) throw explained(error, socket);
			const { startDaemon } = await import("./start-daemon.ts");
			await startDaemon(here);
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
	return new Api(polite, socket);
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
