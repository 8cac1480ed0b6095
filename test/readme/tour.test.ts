import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Berth, program, until } from "../support/berth.ts";

const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
const blocks = [...readme.matchAll(/```sh tour\n([\s\S]*?)```/g)].map((match) => match[1]!);

/** A `berth` on the PATH, as a user who put the binary there has it. */
function installProgram(berth: Berth): string {
	const bin = join(berth.home, "bin");
	mkdirSync(bin);
	if (program.length === 1) symlinkSync(program[0]!, join(bin, "berth"));
	else {
		const wrapper = join(bin, "berth");
		Bun.spawnSync([
			"sh",
			"-c",
			'printf "#!/bin/sh\\nexec %s %s \\"\\$@\\"\\n" "$1" "$2" >"$3" && chmod +x "$3"',
			"sh",
			...program,
			wrapper,
		]);
	}
	return bin;
}

test("the README's tour does what it says, word by word", async () => {
	await using berth = await Berth.home();
	const env = { ...berth.env, PATH: `${installProgram(berth)}:${berth.env.PATH}` };
	const outputs: string[] = [];
	for (const block of blocks) {
		const child = Bun.spawn(["bash", "-e", "-o", "pipefail", "-c", block], {
			env,
			cwd: berth.home,
			stdin: "ignore",
			stdout: "pipe",
			stderr: "pipe",
		});
		const [code, stdout, stderr] = await Promise.all([
			child.exited,
			new Response(child.stdout).text(),
			new Response(child.stderr).text(),
		]);
		expect({ block, code, stderr: code === 0 ? "" : stderr }).toEqual({ block, code: 0, stderr: "" });
		outputs.push(stdout);
	}
	expect(blocks.length).toBe(6);
	const [first, codes, waited, exec, survived, ended] = outputs as [
		string,
		string,
		string,
		string,
		string,
		string,
	];
	expect(first).toContain("hello from /tmp");
	expect(first).toMatch(/work\s+running/);
	expect(codes).toBe("/tmp\nthe exit code was 7\n");
	expect(waited).toContain("ready");
	expect(exec).toBe('arguments reach the program\nas they "were" given\n');
	expect(survived).toBe("still here, in /tmp\n");
	expect(ended).toContain("still here, in /tmp");
	await until(
		async () => (await berth.api<unknown[]>("GET", "/sessions?all=true")).body.length === 0,
		"no session is left",
	);
});
