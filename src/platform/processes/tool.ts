/** A system's own tool, where the kernel cannot be asked directly. */
import { BerthError } from "../../contract/errors.ts";

/** Environments of many processes are long; ps prints them in one go. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * What the tool printed; `endings` are the exit statuses that count as an answer. Bun's own spawnSync, because node:child_process costs
 * 0.2 MB in every holder that loads it, on systems too that never run a tool.
 */
export function toolOutput(argv: string[], endings: readonly number[] = [0]): string {
	const { exitCode, stdout } = Bun.spawnSync(argv, {
		env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
		stdin: "ignore",
		stdout: "pipe",
		stderr: "ignore",
		maxBuffer: OUTPUT_LIMIT_BYTES,
		windowsHide: true,
	});
	if (!endings.includes(exitCode)) throw new BerthError("internal", `${argv[0]} ended with ${exitCode}`);
	return stdout.toString();
}
