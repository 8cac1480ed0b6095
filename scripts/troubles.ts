/**
 * What a run of `bun test` prints of the tests that failed, or that passed at a later attempt only: the lines before a test's verdict.
 * Its reports keep the last attempt alone, which may have failed of what the first left behind.
 */

/** Lines that are kept of one test, from its end. */
const LINES = 80;

const FILE = /^\S+\.test\.tsx?:$/;
const VERDICT = /^\((?:pass|fail|skip|todo)\) /;
const TROUBLED = /^\(fail\) |\(attempt \d+\)(?: \[|$)/;

export class Troubles {
	readonly found: string[] = [];
	#file = "";
	#lines: string[] = [];

	/** Takes the next line of the run's standard error, as it is without colours. */
	line(line: string): void {
		if (FILE.test(line)) {
			this.#file = line;
			this.#lines = [];
			return;
		}
		this.#lines.push(line);
		if (!VERDICT.test(line)) return;
		if (TROUBLED.test(line)) this.found.push([this.#file, ...this.#lines.slice(-LINES)].join("\n"));
		this.#lines = [];
	}
}
