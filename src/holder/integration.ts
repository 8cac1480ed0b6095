/** How the worker's program is started: as the spec says, or with shell integration when it is a shell that has one. */
import { join } from "node:path";
import type { HolderSpec } from "../contract/link.ts";
import { injectShellIntegration, type ShellIntegration } from "./shell/inject.ts";

export interface ProgramStart {
	argv: string[];
	env: Record<string, string>;
	/** Null for a program that reports nothing. */
	integration: ShellIntegration | null;
}

/** `nonce` is what proves the shell's marks; it must be new for every start. */
export function programStart(spec: HolderSpec, nonce: string): ProgramStart {
	const { argv, env } = spec;
	const dir = join(spec.generationDir, "shell");
	const injected = spec.shellIntegration ? injectShellIntegration({ argv, env, dir, nonce }) : null;
	if (injected === null) return { argv, env, integration: null };
	return { argv: injected.argv, env: injected.env, integration: { shell: injected.shell, dir, nonce } };
}
