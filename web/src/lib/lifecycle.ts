/** Changes to sessions, as calls to the daemon. What became of them is read from events, not from these answers. */
import { answer, berth, pathPart } from "./api/berth.ts";
import type { EndAction } from "./stores/overlays.svelte.ts";
import type { Session, SignalName, Worker } from "./types.ts";

export async function end(session: Session, action: EndAction): Promise<void> {
	const path = berth.api.sessions({ ref: pathPart(session.id) });
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
		case "forget":
			await answer(path.delete());
			break;
	}
}

export async function signal(session: Session, worker: Worker, name: SignalName): Promise<void> {
	const path = berth.api.sessions({ ref: pathPart(session.id) });
	await answer(path.workers({ wid: pathPart(worker.id) }).signal.post({ signal: name }));
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
