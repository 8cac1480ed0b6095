import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { injectShellIntegration, integratedShell } from "./inject.ts";
import { processArguments, processImage } from "./process-image.ts";

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function inject(argv: string[], env: Record<string, string> = {}) {
	const folder = mkdtempSync(join(tmpdir(), "berth-inject-"));
	folders.push(folder);
	const dir = join(folder, "it's a shell");
	return { dir, start: injectShellIntegration({ argv, env, dir, nonce: "secret" }) };
}

describe("which command lines get integration", () => {
	test.each(["bash", "/usr/bin/bash", "zsh", "fish", "bash -l", "bash -il", "zsh --login", "fish -i"])(
		"%s does",
		(line) => {
			expect(integratedShell(line.split(" "))).not.toBeNull();
		},
	);

	test.each([
		"sh",
		"bash -c ls",
		"bash script",
		"bash --norc",
		"bash --posix",
		"zsh -f",
		"fish -c ls",
		"bashful",
		"",
	])("%s does not", (line) => {
		expect(integratedShell(line.split(" "))).toBeNull();
	});
});

test.each(["bash", "zsh", "fish"])("the script for %s parses", async (shell) => {
	const script = join(import.meta.dir, "scripts", `berth.${shell}`);
	const child = Bun.spawn([shell, "-n", script], { stderr: "pipe", stdout: "pipe" });
	expect(await new Response(child.stderr).text()).toBe("");
	expect(await child.exited).toBe(0);
});

describe("what is written", () => {
	test.each(["bash", "zsh", "fish"])("only the owner can read the files for %s", (shell) => {
		const { dir } = inject([shell]);
		expect(statSync(dir).mode & 0o777).toBe(0o700);
		for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
			const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
			expect(mode).toBe(entry.isDirectory() ? 0o700 : 0o600);
		}
		expect(readFileSync(join(dir, "nonce"), "utf8")).toBe("secret\n");
	});

	test("the nonce is in no argument and in no variable", () => {
		for (const argv of [["bash"], ["bash", "-l"], ["zsh"], ["fish"]]) {
			expect(JSON.stringify(inject(argv).start)).not.toContain("secret");
		}
	});

	test("what the shell must give back of the user's variables is kept", () => {
		expect(inject(["zsh"], { ZDOTDIR: "/z" }).start?.env.BERTH_ZDOTDIR).toBe("/z");
		expect(inject(["bash", "-l"], { ENV: "/e" }).start?.env.BERTH_BASH_ENV).toBe("/e");
		expect(inject(["bash"], { A: "b" }).start?.env).toEqual({ A: "b" });
	});
});

test.if(process.platform === "linux")(
	"exec gives a process a new image; a fork or time alone does not",
	async () => {
		const child = Bun.spawn(["sh", "-c", "read x; exec cat"], { stdin: "pipe", stdout: "pipe" });
		try {
			while (processArguments(child.pid)[0] !== "sh") await Bun.sleep(1);
			const before = processImage(child.pid);
			expect(before).not.toBeNull();
			expect(processImage(child.pid)).toBe(before);
			child.stdin.write("\n");
			child.stdin.flush();
			while (processArguments(child.pid)[0] !== "cat") await Bun.sleep(1);
			expect(processImage(child.pid)).not.toBe(before);
		} finally {
			child.kill();
			await child.exited;
		}
		expect(processImage(child.pid)).toBeNull();
	},
);
