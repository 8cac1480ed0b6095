import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { leftoverProcesses } from "./leftovers.ts";

/** A run that opens its folder, starts what outlives its parent, says where, and goes on for ever. */
const run = `
	const { openScratch } = await import(${JSON.stringify(join(import.meta.dir, "leftovers.ts"))});
	const folder = openScratch();
	Bun.spawn(["setsid", "sleep", "1000"], { env: { ...process.env, TMPDIR: folder }, stdio: ["ignore", "ignore", "ignore"] });
	console.log(folder);
	setInterval(() => {}, 1000);
`;

for (const [signal, status] of [
	["SIGINT", 130],
	["SIGTERM", 143],
	["SIGHUP", 129],
] as const) {
	test(`a run of tests that ${signal} ends leaves no process and no folder`, async () => {
		const child = Bun.spawn([process.execPath, "-e", run], {
			stdin: "ignore",
			stdout: "pipe",
			stderr: "inherit",
		});
		const { value } = await child.stdout.getReader().read();
		const folder = new TextDecoder().decode(value).trim();
		expect(existsSync(folder)).toBe(true);
		child.kill(signal);
		expect(await child.exited).toBe(status);
		expect(leftoverProcesses(folder)).toEqual([]);
		expect(existsSync(folder)).toBe(false);
	});
}
