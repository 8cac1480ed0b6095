import { expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeTargets } from "../../src/platform/native-files.ts";

/** First bytes of an executable: ELF, Mach-O 64 bit, PE. */
const magic = { linux: "7f454c46", darwin: "cffaedfe", windows: "4d5a" };

test("every target is built as an executable of its own system, with sums that are true", async () => {
	const folder = mkdtempSync(join(tmpdir(), "all-"));
	try {
		const build = Bun.spawn([process.execPath, "scripts/build.ts", "--all", "--outdir", folder], {
			cwd: join(import.meta.dir, "../.."),
			stdout: "ignore",
			stderr: "pipe",
		});
		const stderr = await new Response(build.stderr).text();
		expect({ status: await build.exited, stderr: build.exitCode === 0 ? "" : stderr }).toEqual({
			status: 0,
			stderr: "",
		});
		const sums = Bun.spawnSync(["sha256sum", "--check", "--quiet", "SHA256SUMS"], { cwd: folder });
		expect([sums.exitCode, sums.stderr.toString()]).toEqual([0, ""]);
		expect(readFileSync(join(folder, "SHA256SUMS"), "utf8").trim().split("\n").length).toBe(
			nativeTargets.length,
		);
		for (const target of nativeTargets) {
			const file = readdirSync(folder).find((name) => name.includes(target))!;
			const expected = magic[target.split("-")[0] as keyof typeof magic];
			expect([file, firstBytes(join(folder, file), expected.length / 2)]).toEqual([file, expected]);
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}, 300_000);

function firstBytes(file: string, count: number): string {
	const fd = openSync(file, "r");
	const bytes = Buffer.alloc(count);
	readSync(fd, bytes, 0, count, 0);
	closeSync(fd);
	return bytes.toString("hex");
}
