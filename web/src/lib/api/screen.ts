/** The screen of a session as its own holder keeps it. */
import type { ScreenFacts } from "../../../../src/contract/io.ts";
import { berth, workerPath } from "./berth.ts";

/** Null when it cannot be had now: the daemon is away, or the session is gone, which the stream itself tells the person. */
export async function sessionScreen(sessionId: string, workerId: string): Promise<ScreenFacts | null> {
	const path = `${workerPath(sessionId, workerId)}/screen?format=json`;
	try {
		return (await (await berth.fetch(path)).json()) as ScreenFacts;
	} catch (error) {
		console.info("berth: the session's screen cannot be read", error);
		return null;
	}
}
