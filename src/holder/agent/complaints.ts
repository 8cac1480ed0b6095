/** What an agent says that is no message of its protocol: shown, up to a limit in each turn. */
import { quote } from "./quote.ts";

/** Notices and lines of standard error in one turn; what comes beyond is somebody's debugging. */
const GARBLED_LIMIT = 20;
const COMPLAINTS_LIMIT = 500;

export interface ComplaintsTo {
	/** A notice in the conversation. */
	notice(text: string): void;
	/** A line below it. */
	line(text: string): void;
}

export class Complaints {
	readonly #to: ComplaintsTo;
	#garbled = 0;
	#lines = 0;
	/** The last line of standard error that was not blank: an agent that ends often says there why. */
	last: string | null = null;

	constructor(to: ComplaintsTo) {
		this.#to = to;
	}

	beginTurn(): void {
		this.#garbled = this.#lines = 0;
	}

	/** Something that was not understood. */
	garbled(what: string): void {
		this.#garbled++;
		if (this.#garbled > GARBLED_LIMIT) return;
		const more = this.#garbled === GARBLED_LIMIT ? "; more of it will not be told" : "";
		this.#to.notice(`not understood: ${quote(what)}${more}`);
	}

	/** A line of standard error. */
	line(line: string): void {
		if (line.trim() !== "") this.last = line;
		this.#lines++;
		if (this.#lines <= COMPLAINTS_LIMIT) this.#to.line(line);
		else if (this.#lines === COMPLAINTS_LIMIT + 1) this.#to.line("… and more");
	}
}
