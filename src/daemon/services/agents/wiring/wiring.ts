/**
 * How an agent's own hooks are wired to Berth when it is started in its own screen: by what its command or its environment says
 * (`{{settings}}`), and a file in the worker's folder where that names one. Nothing of the user's is edited.
 */
import { join } from "node:path";
import type { AgentManifest } from "../../../../contract/agent-definition.ts";
import { ensurePrivateDir, writeFileAtomic } from "../../../../platform/files.ts";
import { workerDir } from "../../../../platform/paths.ts";
import { quoteArgv } from "../../../../platform/quote.ts";
import type { ControlContext } from "../../control-context.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { opencode } from "./opencode.ts";
import type { Wiring, WiringPlace } from "./parts.ts";

export type HookKind = NonNullable<AgentManifest["hooks"]>;

const wirings: Readonly<Record<HookKind, Wiring>> = { claude, codex, opencode };

type Around = Pick<ControlContext, "paths" | "settings" | "selfArgv" | "env">;

/** What `{{settings}}` is for this worker. */
export function hookSettings(around: Around, kind: HookKind, workerId: string): string {
	return wirings[kind].settings(placeOf(around, kind, workerId));
}

/** Writes what the worker's hooks need beside its command, for this daemon's own program and socket. */
export function writeHookFile(around: Around, kind: HookKind, workerId: string): void {
	const { content } = wirings[kind];
	if (!content) return;
	const place = placeOf(around, kind, workerId);
	ensurePrivateDir(workerDir(around.paths, workerId));
	writeFileAtomic(place.file, content(place));
}

function placeOf({ paths, settings, selfArgv, env }: Around, kind: HookKind, workerId: string): WiringPlace {
	const seconds = settings.permissionTimeoutSeconds;
	const argv = [
		...lasting(selfArgv()),
		...["hook", kind, "--socket", paths.daemonSocket, "--timeout", `${seconds}s`],
	];
	const file = join(workerDir(paths, workerId), wirings[kind].fileName ?? "");
	return { file, argv, line: quoteArgv(argv, "other"), seconds, env };
}

/** A program that was removed while it runs is known to itself only as /proc/self/exe, which is somebody else in another process. */
function lasting([program, ...rest]: readonly string[]): string[] {
	return [program === "/proc/self/exe" ? `/proc/${process.pid}/exe` : program!, ...rest];
}
