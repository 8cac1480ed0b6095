/** Runs git, the user's own, and waits for it. What a repository's hooks print is git's affair; nothing here reads a terminal. */
import { BerthError } from "../../contract/errors.ts";

type Env = Record<string, string | undefined>;

/** Milliseconds that one call may take: a checkout of a large repository takes minutes, a hook that waits for ever must end. */
const GIT_LIMIT_MS = 10 * 60_000;

/** Characters of git's complaint that are passed on. */
const COMPLAINT_LENGTH = 500;

export interface GitResult {
	code: number;
	stdout: string;
	stderr: string;
}

export class Git {
	readonly #env: Record<string, string>;

	/** `env` is the daemon's. Variables that tell git where to work are left out: the directory alone decides. */
	constructor(env: Env) {
		const kept = Object.entries(env).filter(
			(entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("GIT_"),
		);
		// Looking at a work tree takes no lock, so that the user's own git is never refused because of us.
		this.#env = {
			...Object.fromEntries(kept),
			LC_ALL: "C",
			GIT_TERMINAL_PROMPT: "0",
			GIT_OPTIONAL_LOCKS: "0",
		};
	}

	/** Its end, whatever it was. Throws `git_refused` when git cannot be started or does not end. */
	async try(dir: string, args: readonly string[]): Promise<GitResult> {
		const child = this.#spawn(dir, args);
		const [code, stdout, stderr] = await Promise.all([
			child.exited,
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
		]);
		if (child.signalCode !== null)
			throw new BerthError("git_refused", `git ${args[0]} was ended by ${child.signalCode}`);
		return { code, stdout, stderr };
	}

	/** What it printed; throws `git_refused` with its own complaint when it failed. */
	async run(dir: string, args: readonly string[]): Promise<string> {
		const { code, stdout, stderr } = await this.try(dir, args);
		if (code === 0) return stdout;
		const complaint = (stderr || stdout).trim().replaceAll(/\s*\n\s*/g, "; ");
		throw new BerthError("git_refused", `git ${args[0]}: ${complaint.slice(0, COMPLAINT_LENGTH)}`);
	}

	#spawn(dir: string, args: readonly string[]) {
		try {
			return Bun.spawn(["git", "-C", dir, ...args], {
				env: this.#env,
				stdin: "ignore",
				stdout: "pipe",
				stderr: "pipe",
				timeout: GIT_LIMIT_MS,
			});
		} catch (error) {
			throw new BerthError(
				"git_refused",
				`git cannot be started (${(error as Error).message}); install it, or mend the daemon's PATH`,
				undefined,
				error,
			);
		}
	}
}
