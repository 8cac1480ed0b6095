/** The screen engines by name. Each is loaded when it is first asked for: a holder needs one and should not pay for the other. */
import type { ScreenEngineName } from "../../contract/link.ts";
import type { ScreenEngine } from "./engine.ts";

/** The engine of that name, or xterm where libghostty-vt has no build. `cacheDir` is where native libraries are unpacked. */
export async function screenEngine(name: ScreenEngineName, cacheDir: string): Promise<ScreenEngine> {
	if (name === "ghostty") {
		const { ghosttyEngine } = await import("./ghostty.ts");
		const engine = ghosttyEngine(cacheDir);
		if (engine) return engine;
	}
	const { xtermEngine } = await import("./xterm.ts");
	return xtermEngine;
}
