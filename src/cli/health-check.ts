/** Whether a daemon that takes connections also answers. */
import { BerthError } from "../contract/errors.ts";

/** Host name in requests; the unix socket decides who is reached. */
export const BASE_URL = "http://localhost";

/**
 * Milliseconds: a request that is still open after `patience` makes us ask whether the daemon answers at all, again and again; a
 * health check may take `health`. Generous, for a daemon that is busy is none that hangs: while it ended 100 sessions on a machine with
 * a load of 16, its answers took more than 3 s.
 */
export const HANG_MS = { patience: 3000, health: 8000 } as const;

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

export function hungDaemon(socket: string): BerthError {
	return new BerthError(
		"daemon_unreachable",
		`the daemon accepts connections on ${socket} but does not answer; berth daemon restart replaces it, sessions keep running`,
	);
}
