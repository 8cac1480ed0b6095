/** Private files and folders: 0600 and 0700, written so that a crash leaves the old content or the new, never half. */
import {
	chmodSync,
	closeSync,
	fsyncSync,
	lstatSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { BerthError } from "../contract/errors.ts";

/**
 * Makes a folder that only its owner can enter, or checks one that exists: it must be a real folder of ours. A folder below
 * /tmp that somebody else made first is refused.
 */
export function ensurePrivateDir(path: string): void {
	mkdirSync(path, { recursive: true, mode: 0o700 });
	const stat = lstatSync(path);
	if (!stat.isDirectory()) throw new BerthError("internal", `${path} is not a folder; move it away`);
	const uid = process.getuid?.();
	if (uid !== undefined && stat.uid !== uid) {
		throw new BerthError("internal", `${path} belongs to another user; remove it or set BERTH_HOME`);
	}
	if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** Replaces a private file in one step: temporary file, fsync, rename, fsync of the folder. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		writeDurably(temporary, content);
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
	syncDir(dirname(path));
}

function writeDurably(path: string, content: string | Uint8Array): void {
	const fd = openSync(path, "w", 0o600);
	try {
		const bytes = typeof content === "string" ? Buffer.from(content) : content;
		let written = 0;
		while (written < bytes.length) written += writeSync(fd, bytes, written);
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** Makes a rename or a new file in this folder durable. */
export function syncDir(path: string): void {
	const fd = openSync(path, "r");
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** A JSON file's content, or null when there is no such file. Broken JSON throws. */
export function readJson<T>(path: string): T | null {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
	return JSON.parse(text) as T;
}

/** Makes an empty file that only its owner can read; an existing one becomes so and keeps its content. */
export function makePrivateFile(path: string): void {
	closeSync(openSync(path, "a", 0o600));
	chmodSync(path, 0o600);
}

/** Makes a file's content durable. */
export function syncFile(path: string): void {
	const fd = openSync(path, "r+");
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

/** Why no file can be written in this folder, in the system's words; null when one can. */
export function whyNotWritable(dir: string): string | null {
	const probe = join(dir, `probe.${process.pid}`);
	try {
		makePrivateFile(probe);
		unlinkSync(probe);
		return null;
	} catch (error) {
		return (error as Error).message;
	}
}
