import { describe, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import {
	bootId,
	endOfZombie,
	foregroundGroupOf,
	livingProcess,
	markedProcesses,
	processTable,
	readProcess,
	signalProcess,
} from "./index.ts";
import { eventually, Nursery, runs } from "./testing.ts";

describe("the processes of this machine", () => {
	test("this process is in the table as it sees itself", () => {
		const self = processTable().find(({ pid }) => pid === process.pid);
		expect(self).toMatchObject({ pid: process.pid, ppid: process.ppid, ended: false });
		expect(self).toMatchObject({ startTime: readProcess(process.pid)!.startTime });
	});

	test("a pid that nobody has is nobody", () => {
		expect(readProcess(2 ** 22 + 1)).toBeNull();
		expect(foregroundGroupOf(2 ** 22 + 1)).toBeNull();
		expect(endOfZombie(2 ** 22 + 1)).toBeNull();
	});

	test("the boot has one name", () => {
		expect(bootId()).not.toBe("");
		expect(bootId()).toBe(bootId());
	});

	test("a program whose name looks like the rest of the line is read correctly", async () => {
		using nursery = new Nursery();
		const program = join(nursery.folder, "a) Z 1 (b");
		copyFileSync("/bin/sleep", program);
		nursery.sh(`"${program}" 60 & tell odd $!; wait`);
		const { pid } = await nursery.told("odd");
		const info = await eventually(() => {
			const now = readProcess(pid);
			return now?.comm.startsWith("a)") ? now : null;
		}, "the program runs");
		expect(info).toMatchObject({ pid, comm: "a) Z 1 (b", ended: false });
		expect(["R", "S"]).toContain(info.state);
	});

	test("a signal reaches the process of that start time and no other of the same pid", () => {
		using nursery = new Nursery();
		const real = nursery.sh("sleep 60");
		const reused = { pid: real.pid, startTime: real.startTime - 1 };
		expect(livingProcess(reused)).toBeNull();
		expect(signalProcess(reused, "SIGKILL")).toBe("gone");
		expect(runs(real)).toBe(true);
		expect(signalProcess(real, "SIGKILL")).toBe("sent");
	});

	test("the marker counts as a whole entry of the environment, however large that is", async () => {
		using nursery = new Nursery();
		const big = "x".repeat(100_000);
		const marked = nursery.sh("sleep 60 & wait", { BIG: big, BERTH_WORKER: "w_one" });
		const longer = nursery.sh("sleep 60 & wait", { BERTH_WORKER: "w_one2" });
		const quoted = nursery.sh("sleep 60 & wait", { OTHER: "BERTH_WORKER=w_one", XBERTH_WORKER: "w_one" });
		const found = await eventually(() => {
			const now = markedProcesses(processTable(), "BERTH_WORKER=w_one").map(({ pid }) => pid);
			return now.includes(marked.pid) ? now : null;
		}, "the marked process is found");
		expect(found).not.toContain(longer.pid);
		expect(found).not.toContain(quoted.pid);
	});
});

test.if(process.platform === "linux")(
	"a process is marked in every moment in which it becomes another program",
	async () => {
		using nursery = new Nursery();
		// Each shell is replaced by the next, with the same pid, and the last one by another program.
		const script = 'n=$((n + 1)); [ $n -gt 300 ] && exec sleep 60; exec /bin/sh -c "$SCRIPT"';
		const changing = nursery.sh('exec /bin/sh -c "$SCRIPT"', {
			n: "0",
			SCRIPT: script,
			BERTH_WORKER: "w_exec",
		});
		const now = () => readProcess(changing.pid)!;
		await eventually(() => now().comm === "sh", "the shells replace one another");
		let looks = 0;
		for (let info = now(); info.comm !== "sleep"; info = now()) {
			expect(markedProcesses([info], "BERTH_WORKER=w_exec")).toHaveLength(1);
			looks++;
		}
		expect(looks).toBeGreaterThan(100);
	},
);

describe.if(process.platform === "linux")("zombies", () => {
	const zombie = async (nursery: Nursery, end: string) => {
		// The parent is replaced by a program that never waits.
		nursery.sh(`(sleep 0.05; ${end}) & tell child $!; exec sleep 60`);
		const child = await nursery.told("child");
		await eventually(() => readProcess(child.pid)?.ended, "the child is a zombie");
		return child;
	};

	test("one that nobody has waited for has ended", async () => {
		using nursery = new Nursery();
		const child = await zombie(nursery, "exit 0");
		expect(livingProcess(child)).toBeNull();
		expect(signalProcess(child, "SIGKILL")).toBe("gone");
	});

	test("its exit code and its signal can still be told", async () => {
		using nursery = new Nursery();
		expect(endOfZombie((await zombie(nursery, "exit 7")).pid)).toEqual({ code: 7, signal: null });
		using other = new Nursery();
		expect(endOfZombie((await zombie(other, "kill -USR1 $BASHPID")).pid)).toEqual({
			code: null,
			signal: "USR1",
		});
	});

	test("a process whose first thread has ended is alive for as long as another runs", async () => {
		using nursery = new Nursery();
		const script = [
			"import ctypes, threading, time",
			"threading.Thread(target=time.sleep, args=(60,)).start()",
			"ctypes.CDLL(None).pthread_exit(None)",
		].join("\n");
		nursery.sh(`python3 -c '${script}' & tell threaded $!; wait`);
		const { pid } = await nursery.told("threaded");
		const info = await eventually(() => {
			const now = readProcess(pid);
			return now?.state === "Z" ? now : null;
		}, "the first thread has ended");
		expect(info.ended).toBe(false);
		expect(endOfZombie(pid)).toBeNull();
	});
});
