/**
 * Which native libraries each build target needs, and where they lie below node_modules. Read by the build (which embeds one
 * target's files) and by a checkout (which uses them in place).
 */

export const nativeTargets = [
	"linux-x64-glibc",
	"linux-arm64-glibc",
	"linux-x64-musl",
	"linux-arm64-musl",
	"darwin-x64",
	"darwin-arm64",
	"windows-x64",
] as const;
export type NativeTarget = (typeof nativeTargets)[number];

export interface NativeFile {
	/** File name under which the system's loader looks for it. */
	name: string;
	/** Path below node_modules. */
	from: string;
}

export interface NativeFiles {
	/** The library, then its shim; null where libghostty-vt has no build. */
	ghostty: readonly [NativeFile, NativeFile] | null;
	bunPty: NativeFile;
}

const bunPtyNames: Record<NativeTarget, string> = {
	"linux-x64-glibc": "librust_pty.so",
	"linux-arm64-glibc": "librust_pty_arm64.so",
	"linux-x64-musl": "librust_pty_musl.so",
	"linux-arm64-musl": "librust_pty_arm64_musl.so",
	"darwin-x64": "librust_pty.dylib",
	"darwin-arm64": "librust_pty_arm64.dylib",
	"windows-x64": "rust_pty.dll",
};

export function nativeFiles(target: NativeTarget): NativeFiles {
	const name = bunPtyNames[target];
	return { ghostty: ghosttyFiles(target), bunPty: { name, from: `bun-pty/rust-pty/target/release/${name}` } };
}

/**
 * The shim names the library it needs: `libghostty-vt.so.0` on Linux, found beside it ($ORIGIN). The library is opened under just
 * that name, because musl tells two loads of one library apart by file, not by soname, and would load a copy of another name twice.
 */
function ghosttyFiles(target: NativeTarget): NativeFiles["ghostty"] {
	const folder = `libghostty-vt/prebuilds/${target}`;
	if (target.startsWith("linux-")) return pair(folder, "libghostty-vt.so.0", "libghostty-vt-shim.so");
	if (target === "darwin-arm64") return pair(folder, "libghostty-vt.dylib", "libghostty-vt-shim.dylib");
	return null;
}

function pair(folder: string, library: string, shim: string): readonly [NativeFile, NativeFile] {
	return [
		{ name: library, from: `${folder}/${library}` },
		{ name: shim, from: `${folder}/${shim}` },
	];
}
