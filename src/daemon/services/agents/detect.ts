/** Which version of a program is installed: what it says to `--version`. A program that hangs or misbehaves is ended with all it started. */

/** Milliseconds that a program may take: scripts of a slow runtime take one or two seconds, on a busy machine many more. */
const ANSWER_MS = 30_000;

/** Bytes of an answer that are read: a version is one line. */
const ANSWER_BYTES = 64 * 1024;

/** Characters of a version that are kept. */
const VERSION_LENGTH = 100;

/** null when it says nothing, ends with an error, or takes too long. */
export async function installedVersion(
	path: string,
	env: Record<string, string | undefined>,
): Promise<string | null> {
	const child = Bun.spawn([path, "--version"], {
		cwd: "/",
		env,
		// A process group of its own, so that all of it can be ended.
		detached: true,
		stdin: "ignore",
		stdout: "pipe",
		stderr: "ignore",
	});
	const end = (): void => {
		try {
			process.kill(-child.pid, "SIGKILL");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
		}
	};
	const timer = setTimeout(end, ANSWER_MS);
	try {
		const text = await firstBytes(child.stdout);
		return (await child.exited) === 0 ? firstLine(text) : null;
	} finally {
		clearTimeout(timer);
		// What it left in the background, and what it still is when it said too much.
		end();
		await child.exited;
	}
}

async function firstBytes(stdout: ReadableStream<Uint8Array>): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of stdout) {
		chunks.push(chunk);
		size += chunk.length;
		if (size >= ANSWER_BYTES) break;
	}
	return Buffer.concat(chunks).toString("utf8");
}

function firstLine(text: string): string | null {
	const plain = Bun.stripANSI(text).replaceAll(/[^\P{Cc}\n]/gu, "");
	const line = plain.split("\n").find((each) => each.trim() !== "");
	return line === undefined ? null : line.trim().slice(0, VERSION_LENGTH);
}
