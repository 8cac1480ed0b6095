/** What the wirings of the agents have in common (wiring.ts). */
import type { ControlContext } from "../../control-context.ts";

/** Seconds for a hook that only tells something. */
export const TELL_SECONDS = 30;

/** Seconds that an agent gives a hook beyond what a person has for the answer: Berth's own denial comes first. */
export const MARGIN_SECONDS = 60;

/** What a hook runs, and where its files may be. */
export interface WiringPlace {
	/** The file of this wiring in the worker's folder. */
	file: string;
	/** `berth hook …` as argv, and as a line for a shell. */
	argv: readonly string[];
	line: string;
	/** Seconds that a person has for an answer. */
	seconds: number;
	/** The daemon's environment, which the agent gets as well. */
	env: ControlContext["env"];
}

export interface Wiring {
	/** Its file's name; null without one. */
	fileName: string | null;
	/** What stands for `{{settings}}`. */
	settings(place: WiringPlace): string;
	/** The file's text. */
	content?(place: WiringPlace): string;
}
