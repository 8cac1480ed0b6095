/** Completes a path that is being typed to the directories that it may become. */
import { opendir } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { DirectoryList } from "../../contract/activity.ts";
import { BerthError } from "../../contract/errors.ts";

/** Directories in an answer: nobody reads more, who types on gets fewer. */
const DIRECTORIES_LIMIT = 100;

/** Entries that are looked at: a folder of a million files must not hold up the daemon. */
const ENTRIES_LIMIT = 20_000;

export async function completeDirectory(typed: string, home: string): Promise<DirectoryList> {
	const expanded = typed === "~" ? `${home}/` : typed.startsWith("~/") ? join(home, typed.slice(1)) : typed;
	if (!isAbsolute(expanded) || expanded.includes("\0")) {
		throw new BerthError("bad_request", "a directory must be absolute or start with ~/", { field: "path" });
	}
	const directory = expanded.endsWith("/") ? expanded.replace(/\/+$/, "") || "/" : dirname(expanded);
	const start = expanded.endsWith("/") ? "" : expanded.slice(expanded.lastIndexOf("/") + 1);
	const names = await directoriesIn(directory, start);
	return { home, directory, directories: names.map((name) => join(directory, name)) };
}

async function directoriesIn(directory: string, start: string): Promise<string[]> {
	const names: string[] = [];
	let looked = 0;
	try {
		for await (const entry of await opendir(directory)) {
			if (++looked > ENTRIES_LIMIT) break;
			const hidden = entry.name.startsWith(".") && !start.startsWith(".");
			if (hidden || !entry.name.toLowerCase().startsWith(start.toLowerCase())) continue;
			if (entry.isDirectory() || entry.isSymbolicLink()) names.push(entry.name);
		}
	} catch (error) {
		// A path that is still being typed leads nowhere most of the time.
		const { code } = error as NodeJS.ErrnoException;
		if (
			code === undefined ||
			!["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG"].includes(code)
		)
			throw error;
	}
	return names.sort((a, b) => a.localeCompare(b)).slice(0, DIRECTORIES_LIMIT);
}
