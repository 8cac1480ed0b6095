/** Measures one PTY driver: `bun pty.ts bun|bun-pty CACHE-FOLDER KEYS BYTES` prints {echo: [ms…], megabytesPerSecond}. */
import type { PtyDriverName } from "../../../src/contract/link.ts";
import type { Pty } from "../../../src/holder/pty/driver.ts";
import { ptyDriver } from "../../../src/holder/pty/index.ts";

const [name, cache, keys, bytes] = process.argv.slice(2);
const driver = await ptyDriver(name as PtyDriverName, cache!);
const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" };
const common = { cwd: "/", env, cols: 80, rows: 24 };

let heard = () => {};
const ready = Promise.withResolvers<void>();
const pty: Pty = driver.spawn({
	...common,
	argv: ["bash", "-c", "stty raw -echo; printf ready; exec cat"],
	onData: () => {
		ready.resolve();
		heard();
	},
	onExit: () => {},
});
await ready.promise;
const echo: number[] = [];
for (let i = 0; i < Number(keys); i++) {
	await Bun.sleep(2 + (i % 7));
	const shown = new Promise<void>((resolve) => {
		heard = resolve;
	});
	const started = performance.now();
	pty.write(Buffer.from("x"));
	await shown;
	echo.push(performance.now() - started);
}
process.kill(pty.pid, "SIGKILL");
pty.close();

let count = 0;
const ended = Promise.withResolvers<void>();
const started = performance.now();
const flood = driver.spawn({
	...common,
	argv: ["head", "-c", bytes!, "/dev/zero"],
	onData: (data) => {
		count += data.length;
	},
	onExit: () => ended.resolve(),
});
await ended.promise;
const seconds = (performance.now() - started) / 1000;
flood.close();
console.log(JSON.stringify({ echo, megabytesPerSecond: count / 1e6 / seconds }));
process.exit(0);
