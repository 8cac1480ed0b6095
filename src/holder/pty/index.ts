/** Picks the PTY driver; only the one that is used is loaded. */
import { BerthError } from "../../contract/errors.ts";
import type { PtyDriverName } from "../../contract/link.ts";
import type { PtyDriver } from "./driver.ts";

/**
 * The driver of this name, or the other where this system has no such. `name` on the result says which it became. `cacheDir` is where
 * native libraries are unpacked.
 */
export async function ptyDriver(name: PtyDriverName, cacheDir: string): Promise<PtyDriver> {
	const loaders = { bun: loadBun, "bun-pty": () => loadBunPty(cacheDir) };
	const other = name === "bun" ? "bun-pty" : "bun";
	const driver = (await loaders[name]()) ?? (await loaders[other]());
	if (!driver) throw new BerthError("spawn_failed", `there is no PTY driver for ${process.platform}`);
	return driver;
}

async function loadBun(): Promise<PtyDriver | null> {
	if (typeof Bun.Terminal !== "function") return null;
	return (await import("./bun.ts")).bunDriver;
}

async function loadBunPty(cacheDir: string): Promise<PtyDriver | null> {
	const { bunPtyLibrary } = await import("../../platform/native.ts");
	const path = bunPtyLibrary(cacheDir);
	return path === null ? null : (await import("./bun-pty.ts")).openBunPty(path);
}
