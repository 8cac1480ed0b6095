/**
 * Twenty terminals that watch one session: half of them read as fast as they can, half are stopped as soon as they show something.
 * `bun viewers.ts COUNT STALLED COMMAND…` prints "watching" once all do; ends them with itself.
 */
const [count, stalled, ...argv] = process.argv.slice(2);
const children: Bun.Subprocess[] = [];
const first: Promise<void>[] = [];
for (let i = 0; i < Number(count); i++) {
	const shown = Promise.withResolvers<void>();
	first.push(shown.promise);
	children.push(
		Bun.spawn(argv, { env: process.env, terminal: { cols: 80, rows: 24, data: () => shown.resolve() } }),
	);
}
process.on("SIGTERM", () => {
	for (const child of children) child.kill("SIGKILL");
	process.exit(0);
});
await Promise.all(first);
for (const child of children.slice(0, Number(stalled))) child.kill("SIGSTOP");
console.log("watching");
