/** How a worker's state and end are told. */
import type { Session, Worker } from "../../contract/session.ts";
import { type Exit, isLive } from "../../contract/state.ts";
import type { Style } from "./style.ts";

/** `exited 7`, `killed`, `exited SEGV`, `lost`: what somebody wants to know in one or two words. */
export function exitText({ state, exit }: Pick<Worker, "state" | "exit">): string {
	if (exit === null) return state;
	if (exit.reason === "exited") return `exited ${exitValue(exit)}`;
	return exit.reason;
}

export function exitValue(exit: Exit): string {
	if (exit.code !== null) return String(exit.code);
	return exit.signal ?? "?";
}

export function stateColour(worker: Pick<Worker, "state" | "exit">, style: Style): (text: string) => string {
	if (worker.state === "running") return style.green;
	if (isLive(worker.state)) return style.yellow;
	if (worker.state === "lost" || (worker.exit?.reason === "exited" && worker.exit.code !== 0))
		return style.red;
	return style.dim;
}

/** One or two words for a whole session: its primary worker's state, or how it ended. */
export function stateText({ workers: [worker], pausedAt }: Pick<Session, "workers" | "pausedAt">): string {
	if (!worker) return "";
	if (pausedAt !== undefined) return "paused";
	return isLive(worker.state) ? worker.state : exitText(worker);
}
