/**
 * What is checked before a process is started, alike for every driver: a driver, or the kernel behind it, only says that something
 * was wrong, and one of them says so from inside the terminal.
 */
import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import type { PtyOptions } from "./driver.ts";

/** Where execvp(3) looks without a PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";
/** The kernel reads no more of a script's first line (BINPRM_BUF_SIZE). */
const INTERPRETER_LINE_BYTES = 256;

/** Absolute path of the program. Throws `invalid_cwd` or `invalid_command` with the reason. */
export function resolveProgram({ argv, cwd, env }: Pick<PtyOptions, "argv" | "cwd" | "env">): string {
	checkStrings(argv, env);
	checkDirectory(cwd);
	const name = argv[0]!;
	const program = name.includes("/") ? resolve(cwd, name) : findInPath(name, cwd, env.PATH ?? DEFAULT_PATH);
	const refusal = program === null ? "was not found in PATH" : reasonNotRunnable(program);
	if (refusal !== null) throw new BerthError("invalid_command", `${name} ${refusal}`, { program: name });
	return program!;
}

/** What a failed start means; the kernel has the last word on whether a file can be run. */
export function startProblem(error: unknown, program: string): BerthError {
	const { code, message } = error as NodeJS.ErrnoException;
	const why = startFailures[code ?? ""];
	return why
		? new BerthError("invalid_command", `${program} ${why}`, { program }, error)
		: new BerthError("spawn_failed", `${program} could not be started: ${message}`, { program }, error);
}

const startFailures: Record<string, string> = {
	ENOENT: "cannot be run: it, or the loader it names, does not exist",
	EACCES: "cannot be run: permission denied",
	ENOEXEC: "is not a program of this system; a script needs a first line like #!/bin/sh",
	ELOOP: "cannot be run: too many symbolic links",
	E2BIG: "cannot be run: arguments and environment are too long together",
};

function checkStrings(argv: readonly string[], env: Record<string, string>): void {
	if (argv.length === 0 || argv[0] === "") throw new BerthError("invalid_command", "the command is empty");
	if (argv.some((argument) => argument.includes("\0"))) {
		throw new BerthError(
			"invalid_command",
			"an argument holds a NUL character, which no program can be given",
		);
	}
	for (const [name, value] of Object.entries(env)) {
		if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
			throw new BerthError("bad_request", `the environment variable ${JSON.stringify(name)} is not valid`);
		}
	}
}

function checkDirectory(cwd: string): void {
	const stat = statOrNull(cwd);
	if (!stat) throw new BerthError("invalid_cwd", `the directory ${cwd} does not exist`, { cwd });
	if (!stat.isDirectory()) throw new BerthError("invalid_cwd", `${cwd} is not a directory`, { cwd });
	if (!isExecutable(cwd))
		throw new BerthError("invalid_cwd", `the directory ${cwd} cannot be entered`, { cwd });
}

/** As execvp(3): the first that can be run; else the first that is there, so that the refusal can say what is wrong with it. */
function findInPath(name: string, cwd: string, path: string): string | null {
	let present: string | null = null;
	for (const folder of path.split(delimiter)) {
		// An empty entry means the working directory.
		const candidate = join(resolve(cwd, folder), name);
		const stat = statOrNull(candidate);
		if (stat?.isFile() && isExecutable(candidate)) return candidate;
		if (stat) present ??= candidate;
	}
	return present;
}

function reasonNotRunnable(program: string): string | null {
	const stat = statOrNull(program);
	if (!stat) return "does not exist";
	if (stat.isDirectory()) return "is a directory";
	if (!stat.isFile()) return "is not a program";
	if (!isExecutable(program)) return "is not executable";
	const interpreter = interpreterOf(program);
	return interpreter !== null && !statOrNull(interpreter)
		? `names the interpreter ${interpreter}, which does not exist`
		: null;
}

/** The absolute interpreter of a script's first line; null for anything else. */
function interpreterOf(program: string): string | null {
	const head = Buffer.alloc(INTERPRETER_LINE_BYTES);
	let fd: number;
	try {
		fd = openSync(program, "r");
	} catch {
		// A program may be executable without being readable; the kernel knows what is in it.
		return null;
	}
	try {
		const length = readSync(fd, head, 0, head.length, 0);
		return /^#![ \t]*(\/[^\s\0]*)/.exec(head.toString("utf8", 0, length))?.[1] ?? null;
	} finally {
		closeSync(fd);
	}
}

function statOrNull(path: string): Stats | null {
	try {
		return statSync(path);
	} catch {
		// Missing, or behind a folder that we may not enter: there is nothing to run either way.
		return null;
	}
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
