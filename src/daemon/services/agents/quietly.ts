import type { Log } from "../../log.ts";

/** Runs what nobody called and nobody waits for: a failure is told in the log and ends nothing. */
export function quietly(log: Log, what: string, work: () => void | Promise<void>): void {
	const failed = (error: unknown): void => log("error", `could not ${what}`, { error: String(error) });
	try {
		Promise.resolve(work()).catch(failed);
	} catch (error) {
		failed(error);
	}
}
