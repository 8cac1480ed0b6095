/** How this program starts itself again in another role. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** True in the executable that `bun build --compile` made; its modules live in a virtual folder. */
const compiled = import.meta.url.includes("$bunfs") || import.meta.url.includes("~BUN");

/**
 * argv that starts this program. A binary that was replaced or removed while it runs is started from /proc, so that the running
 * daemon never depends on the file still being there.
 */
export function selfArgv(): string[] {
	if (!compiled) return [process.execPath, resolve(import.meta.dir, "../main.ts")];
	return [existsSync(process.execPath) ? process.execPath : "/proc/self/exe"];
}
