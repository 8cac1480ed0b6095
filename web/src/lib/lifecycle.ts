/** Changes to sessions, as calls to the daemon. What became of them is read from events, not from these answers. */
import { answer, sessionApi, workerApi } from "./api/berth.ts";
import { sentence } from "./api/errors.ts";
import type { EndAction, Target } from "./ending.ts";
import { sessions } from "./stores/sessions.svelte.ts";
import { toasts } from "./stores/toasts.svelte.ts";
import type { Session, SignalName, Worker } from "./types.ts";

/** What goes with a session that is forgotten. */
export interface Removal {
	worktree: boolean;
	/** Even if that loses files or commits. */
	force: boolean;
}

export async function end({ session, worker }: Target, action: EndAction, removal: Removal): Promise<void> {
	const path = worker === null ? sessionApi(session.id) : workerApi(session.id, worker.id);
	switch (action) {
		case "close":
			await answer(path.close.post());
			break;
		case "kill":
			await answer(path.kill.post());
			break;
		case "restart":
			await answer(path.restart.post());
			break;
		case "pause":
			await answer(sessionApi(session.id).pause.post());
			break;
		case "forget":
			if (worker !== null) await answer(workerApi(session.id, worker.id).delete());
			else await answer(sessionApi(session.id).delete(undefined, { query: removal }));
			break;
	}
}

/** Starts again what ran when the session was paused; what came of it is told as a message. */
export async function resume(session: Session): Promise<void> {
	try {
		sessions.put(await answer(sessionApi(session.id).resume.post()));
		toasts.done(`${session.name} goes on`);
	} catch (error) {
		toasts.failed(sentence(error));
	}
}

export async function signal(session: Session, worker: Worker, name: SignalName): Promise<void> {
	await answer(workerApi(session.id, worker.id).signal.post({ signal: name }));
}

/** Signals that people send by hand, the gentle ones first. */
export const handSignals = [
	{ name: "INT", meaning: "interrupt, like Ctrl-C" },
	{ name: "TERM", meaning: "ask to end" },
	{ name: "HUP", meaning: "the terminal is gone" },
	{ name: "QUIT", meaning: "end with a core dump" },
	{ name: "TSTP", meaning: "pause, like Ctrl-Z" },
	{ name: "CONT", meaning: "go on after a pause" },
	{ name: "STOP", meaning: "pause, whether it wants or not" },
	{ name: "USR1", meaning: "the program’s own" },
	{ name: "USR2", meaning: "the program’s own" },
	{ name: "WINCH", meaning: "the window changed" },
	{ name: "KILL", meaning: "end at once" },
] as const satisfies { name: SignalName; meaning: string }[];

/** Signals that may end a program: asked about once before they are sent. */
export const endingSignals: ReadonlySet<string> = new Set([
	"TERM",
	"HUP",
	"QUIT",
	"KILL",
	"USR1",
	"USR2",
	"STOP",
]);
