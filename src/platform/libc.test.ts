import { afterEach, beforeEach, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeDescriptor } from "./libc.ts";

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "berth-libc-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const libcModule = JSON.stringify(resolve(import.meta.dir, "libc.ts"));

/** A process of its own: subreaping must not touch the test runner. */
function script(source: string) {
	const file = join(dir, "script.ts");
	writeFileSync(file, source);
	return Bun.spawn([process.execPath, file], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
	const reader = stream.getReader();
	let text = "";
	while (!text.includes("\n")) {
		const { value, done } = await reader.read();
		if (done) break;
		text += Buffer.from(value).toString();
	}
	reader.releaseLock();
	return text.trim();
}

test("what cannot be written is not called written", () => {
	const path = join(dir, "file");
	const fd = openSync(path, "w");
	try {
		expect(writeDescriptor(fd, Buffer.from("héllo"))).toBe(6);
		expect(readFileSync(path, "utf8")).toBe("héllo");
	} finally {
		closeSync(fd);
	}
	expect(writeDescriptor(fd, Buffer.from("x"))).toBe(-1);
});

test.skipIf(process.platform !== "linux")(
	"a subreaper adopts orphans, reaps them when told by SIGCHLD, and the runtime still gets its own child's exit code",
	async () => {
		const reaper = script(`
			import { becomeSubreaper, reapAdopted } from ${libcModule};
			import { readFileSync } from "node:fs";
			if (!becomeSubreaper()) throw new Error("no subreaper");
			let reaped = 0;
			const { promise, resolve } = Promise.withResolvers();
			process.on("SIGCHLD", () => {
				reaped += reapAdopted((pid) => pid === child.pid);
				if (reaped >= 21) resolve();
			});
			// Twenty orphans end while the child lives, one after it.
			const child = Bun.spawn(["sh", "-c",
				"i=0; while [ $i -lt 20 ]; do (setsid sh -c 'exit 9' &) ; i=$((i+1)); done; sleep 0.2; (setsid sleep 0.3 &); exit 7"]);
			const code = await child.exited;
			reaped += reapAdopted(() => false);
			if (reaped < 21) await promise;
			const children = readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim();
			console.log(JSON.stringify({ code, reaped, children }));
			process.exit(0);
		`);
		const result = JSON.parse(await firstLine(reaper.stdout)) as Record<string, unknown>;
		await reaper.exited;
		expect(result).toEqual({ code: 7, reaped: 21, children: "" });
	},
);

test("native code sees an empty environment once it was cleared, and the runtime keeps its own", async () => {
	const probe = script(`
		import { clearNativeEnvironment } from ${libcModule};
		import { dlopen } from "bun:ffi";
		const name = process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
		const { symbols } = dlopen(name, { getenv: { args: ["ptr"], returns: "ptr" } });
		const before = symbols.getenv(Buffer.from("PATH\\0")) !== null;
		const cleared = clearNativeEnvironment();
		const after = symbols.getenv(Buffer.from("PATH\\0")) !== null;
		console.log(JSON.stringify({ before, cleared, after, own: process.env.PATH !== undefined }));
		process.exit(0);
	`);
	const result = JSON.parse(await firstLine(probe.stdout)) as Record<string, unknown>;
	await probe.exited;
	expect(result).toEqual({ before: true, cleared: true, after: false, own: true });
});

test("a terminal is told from what is none, with its size", async () => {
	const here = join(import.meta.dir, "libc.ts");
	const script = `const { isTerminal, windowSize } = await import(${JSON.stringify(here)}); console.log(JSON.stringify([isTerminal(0), isTerminal(1), windowSize(1)]));`;
	const piped = Bun.spawnSync([process.execPath, "-e", script], { stdin: "ignore" });
	expect(JSON.parse(piped.stdout.toString())).toEqual([false, false, null]);
	let text = "";
	const child = Bun.spawn([process.execPath, "-e", script], {
		terminal: {
			cols: 133,
			rows: 41,
			data(_, bytes) {
				text += Buffer.from(bytes).toString();
			},
		},
	});
	await child.exited;
	while (!text.includes("\n")) await Bun.sleep(1);
	child.terminal?.close();
	expect(JSON.parse(text)).toEqual([true, true, { cols: 133, rows: 41 }]);
});
