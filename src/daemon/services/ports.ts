/** Ports of sessions, on loopback. A port is a session's for as long as it is stored, also when it has ended. */
import { BerthError } from "../../contract/errors.ts";
import { SESSION_PORTS } from "../../contract/limits.ts";

/** Whether this port can be listened on now: a stranger may sit on it. */
export function portIsFree(port: number): boolean {
	try {
		Bun.listen({ hostname: "127.0.0.1", port, exclusive: true, socket: { data() {} } }).stop(true);
		return true;
	} catch {
		return false;
	}
}

/** Throws `port_taken` when a program that is none of our sessions listens on it. */
export function checkPort(port: number): void {
	if (portIsFree(port)) return;
	throw new BerthError("port_taken", `another program listens on port ${port}; choose another`, {
		field: "port",
		port,
	});
}

/** The lowest port that no session holds and nobody listens on, after `skip` such ports; null when all are taken. */
export function nextPort(held: ReadonlySet<number>, skip = 0): number | null {
	let highest: number | null = null;
	let skipped = 0;
	for (let port = SESSION_PORTS.first; port <= SESSION_PORTS.last; port++) {
		if (held.has(port) || !portIsFree(port)) continue;
		if (skipped === skip) return port;
		highest = port;
		skipped++;
	}
	return highest;
}
