import { describe, expect, test } from "bun:test";
import type { ProcessIdentity, ProcessInfo } from "./process.ts";
import { WorkerTree } from "./tree.ts";

/** A process as the system would show it; start times rise with the pid unless given. */
function info(pid: number, ppid: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
	return {
		pid,
		ppid,
		pgid: pid,
		sid: pid,
		startTime: pid * 10,
		foregroundGroup: -1,
		state: "S",
		comm: "p",
		ended: false,
		...more,
	};
}

interface Machine {
	table: ProcessInfo[];
	marked: number[];
	spared: number[];
}

const id = (pid: number, startTime = pid * 10): ProcessIdentity => ({ pid, startTime });

/** A holder 100 with its child 101, among strangers. */
const strangers = [info(1, 0), info(50, 1), info(51, 50)];
const plain = [info(100, 1), info(101, 100), info(102, 101, { sid: 101, pgid: 102 })];

function treeOn(
	machine: Machine,
	given: { child?: ProcessIdentity; holder?: ProcessIdentity | null; justEnded?: boolean } = {},
	asked: (pid: number) => void = () => {},
) {
	const roots = {
		workerId: "w_one",
		holder: given.holder === undefined ? id(100) : given.holder,
		child: given.child ?? id(101),
		childJustEnded: given.justEnded ?? false,
	};
	const source = {
		table: () => machine.table,
		read: (pid: number) => machine.table.find((info) => info.pid === pid) ?? null,
		children: (pid: number) => machine.table.filter(({ ppid }) => ppid === pid).map((info) => info.pid),
		marked: (all: readonly ProcessInfo[]) =>
			all.filter(({ pid }) => {
				asked(pid);
				return machine.marked.includes(pid);
			}),
	};
	return new WorkerTree(roots, source, () => new Set(machine.spared));
}

const machine = (table: ProcessInfo[], marked: number[] = [], spared: number[] = []): Machine => ({
	table,
	marked,
	spared,
});
const pids = (tree: WorkerTree): number[] =>
	tree
		.look()
		.map(({ pid }) => pid)
		.sort((a, b) => a - b);

describe("a worker's tree", () => {
	test("is what descends from its holder, without the holder and without strangers", () => {
		expect(pids(treeOn(machine([...strangers, ...plain, info(103, 102)])))).toEqual([101, 102, 103]);
	});

	test("includes what the holder adopted and what has a kernel session of its own", () => {
		expect(pids(treeOn(machine([...plain, info(140, 100, { sid: 140 }), info(141, 140)])))).toEqual([
			101, 102, 140, 141,
		]);
	});

	test("includes what carries the marker, wherever it hangs, and what descends from it", () => {
		const table = [...strangers, ...plain, info(150, 1), info(151, 150), info(152, 1)];
		expect(pids(treeOn(machine(table, [150])))).toEqual([101, 102, 150, 151]);
	});

	test("is not that of another process which got the holder's pid", () => {
		const table = [info(100, 1, { startTime: 9000 }), info(200, 100)];
		expect(pids(treeOn(machine(table)))).toEqual([]);
	});

	test("does not take in a kernel session whose leader got the child's pid", () => {
		const table = [...strangers, info(101, 50, { startTime: 9000 }), info(160, 101, { sid: 101, pgid: 101 })];
		expect(pids(treeOn(machine(table), { holder: null }))).toEqual([]);
	});

	test("includes the child's kernel session while its leader is the child", () => {
		const table = [info(101, 1), info(160, 1, { sid: 101, pgid: 160 })];
		expect(pids(treeOn(machine(table), { holder: null }))).toEqual([101, 160]);
	});

	test("without its leader a kernel session is trusted only in the moment in which the holder died", () => {
		const table = [info(160, 1, { sid: 101, pgid: 160 })];
		expect(pids(treeOn(machine(table), { holder: null }))).toEqual([]);
		expect(pids(treeOn(machine(table), { holder: null, justEnded: true }))).toEqual([160]);
	});

	test("spares the daemon that was started inside the session, and the holders that it started", () => {
		const daemon = info(300, 102);
		const otherHolder = info(310, 300);
		const adoptedHolder = info(320, 100);
		const table = [
			...plain,
			daemon,
			otherHolder,
			info(311, 310),
			adoptedHolder,
			info(321, 320),
			info(330, 300),
		];
		expect(pids(treeOn(machine(table, [300], [300, 310, 320])))).toEqual([101, 102]);
	});

	test("does not look for its marker among other workers, but below its own holder, which the daemon started too", () => {
		const asked: number[] = [];
		const world = machine(
			[info(300, 1), info(100, 300), info(101, 100), info(310, 300), info(311, 310)],
			[],
			[300, 310],
		);
		const tree = treeOn(world, {}, (pid) => asked.push(pid));
		expect(pids(tree)).toEqual([101]);
		expect(asked).toEqual([100, 101]);
	});

	test("keeps what it has seen when its parents end, and what that starts later", () => {
		const world = machine([...plain, info(140, 102, { sid: 140 })]);
		const tree = treeOn(world);
		expect(pids(tree)).toEqual([101, 102, 140]);
		world.table = [info(140, 1, { sid: 140 }), info(141, 140, { sid: 140 })];
		expect(pids(tree)).toEqual([140, 141]);
	});

	test("forgets what it has seen when another process gets its pid", () => {
		const world = machine([...plain, info(140, 102)]);
		const tree = treeOn(world);
		tree.look();
		world.table = [info(140, 1, { startTime: 9000 })];
		expect(pids(tree)).toEqual([]);
	});

	test("a zombie is no part of it, but its children are", () => {
		const table = [info(100, 1), info(101, 100, { ended: true, state: "Z" }), info(140, 101)];
		expect(pids(treeOn(machine(table)))).toEqual([140]);
	});

	test("a process that left its parent while the system was looked at is found all the same", () => {
		const world = machine([...plain]);
		const tree = treeOn(world);
		// Read one after the other: 140 ends after it has started 141, which is not listed yet.
		const late = [info(100, 1), info(141, 100)];
		const tables = [[info(100, 1)], late];
		Object.defineProperty(world, "table", { get: () => (tables.length > 1 ? tables.shift() : late) });
		expect(pids(tree)).toEqual([141]);
	});

	test("a glance shows what is below the holder, spared processes and zombies left out", () => {
		const table = [...plain, info(103, 102), info(104, 100, { ended: true }), info(300, 102), info(310, 300)];
		const tree = treeOn(machine(table, [], [300]));
		expect(tree.glance().map(({ pid }) => pid)).toEqual([101, 102, 103]);
	});
});
