import { closeSync, lstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import type { Run } from "../command.ts";
import type { exportCommand } from "../registry/read.ts";
import type { exportFormats } from "../words.ts";

const paths: Record<(typeof exportFormats)[number], string> = {
	cast3: "recording?version=3",
	cast2: "recording?version=2",
	text: "output?format=text",
	raw: "journal",
};

export const run: Run<typeof exportCommand> = async (cli, { flags, operands }) => {
	const ref = operands[0]!;
	const format = flags.format ?? "cast3";
	const api = await cli.api();
	const response = await api.client.fetch(`${api.targetPath(ref)}/${paths[format]}`);
	const body = response.body ?? new Response("").body!;
	if (flags.output === undefined) {
		for await (const chunk of body) cli.write(chunk);
		return;
	}
	const file = resolve(cli.cwd, flags.output);
	const bytes = await writeTo(file, body);
	if (flags.json) cli.printJson({ file, format, bytes });
	else cli.print(`${bytes} bytes written to ${flags.output}`);
};

/**
 * Beside its place first: an export that breaks off leaves no half recording under the good name. Only a plain file is replaced:
 * a device, a pipe or a link's target is written as it stands.
 */
async function writeTo(file: string, body: ReadableStream<Uint8Array>): Promise<number> {
	const replaced = lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
	const temporary = replaced ? `${file}.${process.pid}.part` : file;
	let fd: number;
	try {
		fd = openSync(temporary, replaced ? "wx" : "w", 0o600);
	} catch (error) {
		throw new BerthError(
			"bad_request",
			`${file} cannot be written: ${(error as Error).message}`,
			undefined,
			error,
		);
	}
	let bytes = 0;
	try {
		for await (const chunk of body) {
			for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
			bytes += chunk.length;
		}
		closeSync(fd);
		if (replaced) renameSync(temporary, file);
	} catch (error) {
		if (replaced) rmSync(temporary, { force: true });
		throw error;
	}
	return bytes;
}
