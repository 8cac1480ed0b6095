import { describe, expect, test } from "bun:test";
import { type EndingStep, endProcesses } from "./ending.ts";
import { childrenOf, markedProcesses, type ProcessIdentity, processTable, readProcess } from "./index.ts";
import { clock, eventually, Nursery, runs } from "./testing.ts";
import { WorkerTree } from "./tree.ts";

/** Short steps: what a test waits for is what comes after them. */
const close: EndingStep[] = [
	{ signals: ["SIGHUP", "SIGCONT"], withinMs: 150 },
	{ signals: ["SIGTERM", "SIGCONT"], withinMs: 150 },
	{ signals: ["SIGKILL"], withinMs: 5000 },
];
const kill: EndingStep[] = [{ signals: ["SIGKILL"], withinMs: 5000 }];

let count = 0;
/** A script as a worker's child without a holder: only marker, kernel session and descent hold it together. */
function worker(nursery: Nursery, script: string): { root: ProcessIdentity; tree: WorkerTree } {
	const workerId = `w_${process.pid}x${count++}`;
	const root = nursery.sh(script, { BERTH_WORKER: workerId });
	const roots = { workerId, holder: null, child: root, childJustEnded: false };
	const source = { table: processTable, read: readProcess, children: childrenOf, marked: markedProcesses };
	return { root, tree: new WorkerTree(roots, source, () => new Set()) };
}

describe("ending a tree", () => {
	test("what hangs up at once is over at once", async () => {
		using nursery = new Nursery();
		const { root, tree } = worker(nursery, "sleep 60 & tell ready $!; wait");
		await nursery.told("ready");
		const from = performance.now();
		const patient = [{ signals: ["SIGHUP" as const], withinMs: 60_000 }];
		expect(await endProcesses(tree, patient, clock)).toEqual([]);
		expect(runs(root)).toBe(false);
		expect(performance.now() - from).toBeLessThan(30_000);
	});

	test("nohup jobs, own kernel sessions and double forks with an empty environment end too", async () => {
		using nursery = new Nursery();
		const { tree } = worker(
			nursery,
			`nohup sleep 60 >/dev/null 2>&1 & tell nohup $!
			setsid sleep 60 & tell setsid $!
			setsid env -i PATH="$PATH" sh -c 'trap "" HUP; sleep 60 & echo $! > inner.new; mv inner.new inner; wait' &
			tell ready $!; wait`,
		);
		await nursery.told("ready");
		const members = [await nursery.told("nohup"), await nursery.told("setsid"), await nursery.told("inner")];
		expect(await endProcesses(tree, close, clock)).toEqual([]);
		expect(members.map(runs)).toEqual([false, false, false]);
	});

	test("a process that ignores every polite signal is killed at the end", async () => {
		using nursery = new Nursery();
		const { root, tree } = worker(nursery, "trap '' HUP TERM INT; tell ready $$; while :; do sleep 1; done");
		await nursery.told("ready");
		const from = performance.now();
		expect(await endProcesses(tree, close, clock)).toEqual([]);
		expect(runs(root)).toBe(false);
		expect(performance.now() - from).toBeGreaterThan(290);
	});

	test("a stopped process acts on the hang-up", async () => {
		using nursery = new Nursery();
		const { root, tree } = worker(
			nursery,
			"trap 'tell goodbye $$; exit 0' HUP; tell ready $$; while :; do sleep 0.01; done",
		);
		await nursery.told("ready");
		process.kill(root.pid, "SIGSTOP");
		await eventually(() => readProcess(root.pid)?.state === "T", "it is stopped");
		expect(await endProcesses(tree, [{ ...close[0]!, withinMs: 5000 }], clock)).toEqual([]);
		expect(await Bun.file(`${nursery.folder}/goodbye`).text()).toBe(`${root.pid}\n`);
	});

	test("the parent of zombies ends, and the zombies keep nobody waiting", async () => {
		using nursery = new Nursery();
		const { root, tree } = worker(nursery, "sleep 0.05 & tell zombie $!; exec sleep 60");
		const zombie = await nursery.told("zombie");
		await eventually(() => readProcess(zombie.pid)?.ended, "the child is a zombie");
		expect(await endProcesses(tree, kill, clock)).toEqual([]);
		expect(runs(root)).toBe(false);
	});

	test("a tree that grows while it is killed is killed whole", async () => {
		using nursery = new Nursery();
		// Bounded: each process starts two, five levels deep, again and again for a second.
		const { tree } = worker(
			nursery,
			`grow() { if [ "$1" -gt 0 ]; then (grow $(($1 - 1))) & (grow $(($1 - 1))) & fi; sleep 30; }
			(grow 5) & tell ready $!
			for i in $(seq 50); do (setsid env -i sleep 30 &) ; sleep 0.02; done; sleep 30`,
		);
		await nursery.told("ready");
		expect(await endProcesses(tree, kill, clock)).toEqual([]);
		expect(tree.look()).toEqual([]);
	});

	test("strangers of the same name, group of names and folder are left alone", async () => {
		using nursery = new Nursery();
		const strangers = [
			nursery.sh("exec sleep 60"),
			nursery.sh("exec sleep 60", { BERTH_WORKER: "w_somebody" }),
			nursery.sh("sleep 60 & wait"),
		];
		const { tree } = worker(nursery, "sleep 60 & tell ready $!; wait");
		await nursery.told("ready");
		expect(await endProcesses(tree, kill, clock)).toEqual([]);
		expect(strangers.map(runs)).toEqual([true, true, true]);
	});

	test.if(process.getuid?.() === 0)(
		"another user's process that we may not signal is told as left",
		async () => {
			using nursery = new Nursery();
			const root = nursery.sh("exec sleep 60");
			const script = `
			import { endProcesses } from "${import.meta.dir}/ending.ts";
			import { livingProcess } from "${import.meta.dir}/index.ts";
			const identity = ${JSON.stringify(root)};
			const look = () => [livingProcess(identity)].filter((info) => info !== null);
			const clock = { now: () => performance.now(), sleep: (ms) => Bun.sleep(ms) };
			const left = await endProcesses({ look, glance: () => [] }, [{ signals: ["SIGTERM"], withinMs: 20 }, { signals: ["SIGKILL"], withinMs: 20 }], clock);
			console.log(JSON.stringify(left.map(({ pid }) => pid)));`;
			const nobody = [
				"setpriv",
				"--reuid=65534",
				"--regid=65534",
				"--clear-groups",
				process.execPath,
				"-e",
				script,
			];
			const child = Bun.spawn(nobody, { cwd: "/", stdout: "pipe", stderr: "inherit" });
			expect(JSON.parse(await new Response(child.stdout).text())).toEqual([root.pid]);
			expect(runs(root)).toBe(true);
		},
	);

	test("what is overtaken stops being polite at once", async () => {
		using nursery = new Nursery();
		const { root, tree } = worker(nursery, "trap '' HUP TERM; tell ready $$; while :; do sleep 1; done");
		await nursery.told("ready");
		let overtaken = false;
		setTimeout(() => {
			overtaken = true;
		}, 30);
		const from = performance.now();
		const left = await endProcesses(
			tree,
			[{ signals: ["SIGHUP"], withinMs: 60_000 }],
			clock,
			() => overtaken,
		);
		expect(performance.now() - from).toBeLessThan(30_000);
		expect(left.map(({ pid }) => pid)).toContain(root.pid);
		expect(await endProcesses(tree, kill, clock)).toEqual([]);
	});
});
