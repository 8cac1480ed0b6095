import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BerthError } from "../../contract/errors.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import type { daemonLogs } from "../registry/berth.ts";

/** Lines when nobody says how many. */
const DEFAULT_LINES = 100;
/** Bytes of the log's end in which the last lines are looked for. */
const TAIL_BYTES = 1024 * 1024;
/** Milliseconds between looks while following. */
const LOOK_MS = 200;

export const run: Run<typeof daemonLogs> = async (cli, { flags }) => {
	const file = cli.paths.daemonLog;
	let fd: number;
	try {
		fd = openSync(file, "r");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
		throw new BerthError("not_found", `there is no log yet (${file}); berth daemon start starts the daemon`);
	}
	try {
		let { size } = fstatSync(fd);
		const text = readRange(fd, Math.max(0, size - TAIL_BYTES), size).toString();
		const lines = text
			.replace(/\n$/, "")
			.split("\n")
			.slice(-(flags.lines ?? DEFAULT_LINES));
		if (flags.json) return cli.printJson({ file, lines });
		if (text !== "") cli.write(`${lines.join("\n")}\n`);
		while (flags.follow) size = await printNew(cli, fd, size);
	} finally {
		closeSync(fd);
	}
};

async function printNew(cli: Cli, fd: number, from: number): Promise<number> {
	await Bun.sleep(LOOK_MS);
	const { size } = fstatSync(fd);
	if (size > from) cli.write(readRange(fd, from, size));
	return size;
}

function readRange(fd: number, from: number, to: number): Buffer {
	const bytes = Buffer.alloc(to - from);
	return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
}
