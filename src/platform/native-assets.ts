/**
 * Where this program's native libraries come from. This is the checkout's answer: the files in node_modules, used in place. A build
 * puts another module here (scripts/native-plugin.ts) that embeds the libraries of its own target, and of no other.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type NativeFile, type NativeTarget, nativeFiles, nativeTargets } from "./native-files.ts";

export interface EmbeddedFile {
	name: string;
	/** Path in the executable's virtual folder. */
	source: string;
	bytes: number;
	/** wyhash of the content, hexadecimal. */
	hash: string;
}

export interface EmbeddedLibrary {
	/** Names the content: the start of the SHA-256 over all files. */
	digest: string;
	/** What is opened comes first. */
	files: EmbeddedFile[];
}

/** Paths that can be opened as they are, or embedded files that must be unpacked first; null where there is no build. */
export type NativeLibrary = { paths: string[] } | EmbeddedLibrary | null;

export interface NativeAssets {
	ghostty: NativeLibrary;
	bunPty: NativeLibrary;
}

export function nativeAssets(): NativeAssets {
	const target = runningTarget();
	if (!target) return { ghostty: null, bunPty: null };
	const files = nativeFiles(target);
	return { ghostty: inPlace(files.ghostty), bunPty: inPlace([files.bunPty]) };
}

function inPlace(files: readonly NativeFile[] | null): NativeLibrary {
	const paths = files?.map((file) => resolve(import.meta.dir, "../../node_modules", file.from));
	return paths?.every((path) => existsSync(path)) ? { paths } : null;
}

export function runningTarget(): NativeTarget | null {
	const system = process.platform === "win32" ? "windows" : process.platform;
	const libc = system === "linux" ? (runsOnMusl() ? "-musl" : "-glibc") : "";
	return nativeTargets.find((target) => target === `${system}-${process.arch}${libc}`) ?? null;
}

/** musl's loader is mapped into every process that it started. */
function runsOnMusl(): boolean {
	return readFileSync("/proc/self/maps", "utf8").includes("/ld-musl-");
}
