/** Finds programs, shells and directories before anything is started, so that a mistake is a clear answer at once. */
import { accessSync, constants, statSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { BerthError } from "../../contract/errors.ts";

type Env = Record<string, string | undefined>;

/** execvp(3) looks here when PATH is not set (confstr _CS_PATH). */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** The file that execvp(3) would start: a name with a slash as it stands, any other along PATH. Null when there is none. */
export function findProgram(program: string, cwd: string, path: string | undefined): string | null {
	if (program === "") return null;
	if (program.includes("/")) return isProgram(resolve(cwd, program)) ? resolve(cwd, program) : null;
	for (const folder of (path ?? DEFAULT_PATH).split(":")) {
		const file = join(resolve(cwd, folder === "" ? "." : folder), program);
		if (isProgram(file)) return file;
	}
	return null;
}

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

/** Throws `invalid_command` when the program of this argv cannot be started. */
export function checkCommand(argv: readonly string[], cwd: string, env: Env): void {
	const program = argv[0] ?? "";
	if (argv.some((word) => word.includes("\0"))) {
		throw new BerthError("invalid_command", "a command's words cannot hold a NUL", { field: "command" });
	}
	if (findProgram(program, cwd, env.PATH) !== null) return;
	const where = program.includes("/")
		? `no executable file at ${resolve(cwd, program)}`
		: "not found in PATH";
	throw new BerthError("invalid_command", `${JSON.stringify(program)}: ${where}`, {
		field: "command",
		program,
	});
}

/**
 * The shell of a new session: the one asked for, else the setting, else $SHELL, else the user's login shell, else /bin/sh. One that
 * was named must exist; of the others the first that does is taken.
 */
export function chooseShell(wanted: string | undefined, setting: string, cwd: string, env: Env): string {
	const named = wanted ?? (setting === "" ? undefined : setting);
	if (named !== undefined) {
		const found = findProgram(named, cwd, env.PATH);
		if (found !== null) return found;
		throw new BerthError("invalid_command", `there is no shell ${JSON.stringify(named)}`, {
			field: "shell",
			program: named,
		});
	}
	for (const candidate of [env.SHELL, userInfo().shell, "/bin/sh"]) {
		if (candidate && isAbsolute(candidate) && findProgram(candidate, "/", undefined) !== null)
			return candidate;
	}
	throw new BerthError("invalid_command", "no shell was found; name one", { field: "shell" });
}

/** The absolute directory that is meant, entered by this user; throws `invalid_cwd`. */
export function checkDirectory(wanted: string, home: string): string {
	const expanded = wanted === "~" || wanted.startsWith("~/") ? join(home, wanted.slice(1)) : wanted;
	const fail = (why: string): never => {
		throw new BerthError("invalid_cwd", `${wanted}: ${why}`, { field: "cwd", cwd: wanted });
	};
	if (!isAbsolute(expanded)) fail("a directory must be absolute or start with ~/");
	if (expanded.includes("\0")) fail("a path cannot hold a NUL");
	const path = resolve(expanded);
	try {
		if (!statSync(path).isDirectory()) fail("is not a directory");
		accessSync(path, constants.X_OK);
	} catch (error) {
		if (error instanceof BerthError) throw error;
		const { code } = error as NodeJS.ErrnoException;
		fail(code === "ENOENT" || code === "ENOTDIR" ? "there is no such directory" : "cannot be entered");
	}
	return path;
}

/** What a program is called in names and titles. */
export function programName(argv: readonly string[]): string {
	return basename(argv[0] ?? "");
}
