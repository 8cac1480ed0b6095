/** Homes whose state lies on a disk of its own: one that can be filled, and one that fails as real disks do. Both need root, on Linux. */
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { alive, Berth, until } from "./berth.ts";

/** Whether the machine lets us mount: only then can a full or a read-only disk be made. */
export function canMount(): boolean {
	if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
	return Bun.spawnSync(["unshare", "--mount", "true"], { stdout: "ignore", stderr: "ignore" }).success;
}

/** Whether a file can be made a disk, whose file system is told that it is damaged. */
export function canFailDisks(): boolean {
	return canMount() && existsSync("/dev/loop-control") && Bun.which("mkfs.ext4") !== null;
}

/** Runs a tool of the system's that must succeed; its standard output. */
function run(...argv: string[]): string {
	const { success, stdout, stderr } = Bun.spawnSync(argv);
	if (!success) throw new Error(`${argv.join(" ")}: ${stderr}`);
	return stdout.toString();
}

async function unmount(berth: Berth, path: string): Promise<void> {
	for (const pid of berth.processes()) if (alive(pid)) process.kill(pid, "SIGKILL");
	await until(() => Bun.spawnSync(["umount", path], { stderr: "ignore" }).success, "the disk is given back");
}

/** Small enough to be filled. */
export class SmallDisk implements AsyncDisposable {
	readonly berth: Berth;
	readonly #state: string;

	private constructor(berth: Berth) {
		this.berth = berth;
		this.#state = join(berth.home, "state");
	}

	static async start(size: string): Promise<SmallDisk> {
		const berth = await Berth.home();
		const disk = new SmallDisk(berth);
		mkdirSync(disk.#state, { mode: 0o700 });
		run("mount", "-t", "tmpfs", "-o", `size=${size},mode=700`, "none", disk.#state);
		await berth.startDaemon();
		return disk;
	}

	remount(options: string): void {
		run("mount", "-o", `remount,${options}`, this.#state);
	}

	/** Lays a read-only view over the folder: what is open stays writable, and nothing new can be opened or made. */
	cover(): void {
		run("mount", "--bind", this.#state, this.#state);
		run("mount", "-o", "remount,bind,ro", this.#state);
	}

	uncover(): void {
		run("umount", this.#state);
	}

	/** Takes every byte that is free. */
	fill(): void {
		Bun.spawnSync(["dd", "if=/dev/zero", `of=${this.#state}/ballast`, "bs=4096"], {
			stdout: "ignore",
			stderr: "ignore",
		});
	}

	free(): void {
		rmSync(join(this.#state, "ballast"), { force: true });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await unmount(this.berth, this.#state);
		await this.berth[Symbol.asyncDispose]();
	}
}

/** A file system that, told of an error, lets nobody write any more, files that are open included; only reading goes on. */
export class FailingDisk implements AsyncDisposable {
	readonly berth: Berth;
	readonly #state: string;
	readonly #image: string;

	private constructor(berth: Berth) {
		this.berth = berth;
		this.#state = join(berth.home, "state");
		this.#image = join(berth.home, "disk");
	}

	static async start(): Promise<FailingDisk> {
		const disk = new FailingDisk(await Berth.home());
		run("truncate", "-s", "32M", disk.#image);
		run("mkfs.ext4", "-q", disk.#image);
		mkdirSync(disk.#state, { mode: 0o700 });
		disk.#mount();
		run("chmod", "700", disk.#state);
		await disk.berth.startDaemon();
		return disk;
	}

	#mount(): void {
		run("mount", "-o", "loop,errors=remount-ro", this.#image, this.#state);
	}

	/** What the kernel had not written yet would be lost with the disk, which no program can help: it is written first. */
	fail(): void {
		run("sync", "-f", this.#state);
		const device = run("findmnt", "-no", "SOURCE", this.#state).trim();
		writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "a test");
	}

	/** What somebody does who finds such a disk: everything on it is ended, it is checked and mounted again. */
	async repair(): Promise<void> {
		await unmount(this.berth, this.#state);
		// 1 stands for "errors were corrected" (e2fsck(8)).
		const { exitCode, stdout } = Bun.spawnSync(["e2fsck", "-fy", this.#image]);
		if (exitCode > 1) throw new Error(`e2fsck: ${stdout}`);
		this.#mount();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await unmount(this.berth, this.#state);
		await this.berth[Symbol.asyncDispose]();
	}
}

export function isIntact(berth: Berth): void {
	using database = new Database(join(berth.home, "state/berth.db"), { readonly: true });
	expect(database.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
}
