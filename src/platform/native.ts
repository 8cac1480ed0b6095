/**
 * Native libraries as files that the system's loader can open.
 *
 * An executable carries them inside itself and unpacks them once into `<cache>/native/<digest>/` (0700). The folder is named by its
 * content, so versions live side by side, and nothing in it is ever changed: a file is put there whole by a rename, and one that
 * is not what it should be is replaced the same way. Processes that already opened the old file keep it. Nobody owns the folder;
 * whoever finds it missing makes it again.
 *
 * Files are checked at each start, by size and wyhash over a shared mapping: 0.1 ms for 1.5 MB and no private memory (SHA-256:
 * 0.8 ms mapped, 2 ms read). That finds damage; against somebody who may write into the user's own folders no hash would help.
 */
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import { ensurePrivateDir, writeFileAtomic } from "./files.ts";
import {
	type EmbeddedFile,
	type EmbeddedLibrary,
	type NativeLibrary,
	nativeAssets,
} from "./native-assets.ts";

/** libghostty-vt and the shim that it needs beside it; null where there is no build for this system. */
export function ghosttyLibrary(cacheDir: string): { main: string; shim: string } | null {
	const paths = openable(cacheDir, nativeAssets().ghostty);
	return paths ? { main: paths[0]!, shim: paths[1]! } : null;
}

/** bun-pty's library; null where there is no build for this system. */
export function bunPtyLibrary(cacheDir: string): string | null {
	return openable(cacheDir, nativeAssets().bunPty)?.[0] ?? null;
}

function openable(cacheDir: string, library: NativeLibrary): string[] | null {
	if (!library) return null;
	return "paths" in library ? library.paths : unpack(cacheDir, library);
}

/** Makes sure that the files lie in the cache as they should, and returns their paths. */
export function unpack(cacheDir: string, library: EmbeddedLibrary): string[] {
	const folder = join(cacheDir, "native", library.digest);
	ensurePrivateDir(cacheDir);
	ensurePrivateDir(folder);
	return library.files.map((file) => {
		const path = join(folder, file.name);
		if (!isIntact(path, file)) {
			writeFileAtomic(path, readFileSync(file.source));
			if (!isIntact(path, file)) {
				throw new BerthError("internal", `${path} could not be unpacked whole; check the disk it lies on`);
			}
		}
		return path;
	});
}

function isIntact(path: string, file: EmbeddedFile): boolean {
	const stat = lstatSync(path, { throwIfNoEntry: false });
	if (!stat?.isFile() || stat.size !== file.bytes) return false;
	return contentHash(path) === file.hash;
}

/** Also computed by the build, so that both agree on what intact means. */
export function contentHash(path: string): string {
	// Windows has no mmap in this runtime.
	const content = process.platform === "win32" ? readFileSync(path) : Bun.mmap(path);
	return Bun.hash.wyhash(content).toString(16);
}
