/**
 * The client's side of fs/read_text_file and fs/write_text_file (https://agentclientprotocol.com/protocol/v1/file-system): text files by
 * absolute path, as the agent's own user may read and write them. It is a convenience of the protocol and no fence: the agent is a
 * process of the same user.
 */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { type ReadTextFileRequest, RequestError, type WriteTextFileRequest } from "@agentclientprotocol/sdk";
import { AGENT_MESSAGE_LIMIT_BYTES } from "../../../contract/limits.ts";

/** Bytes of a file that is given: with its line ends escaped it still fits a message. */
const FILE_LIMIT_BYTES = AGENT_MESSAGE_LIMIT_BYTES / 2;

export async function readTextFile(request: ReadTextFileRequest): Promise<{ content: string }> {
	const { path, line, limit } = request;
	const size = await sizeOf(absolute(path));
	if (size > FILE_LIMIT_BYTES)
		throw RequestError.invalidParams({ path }, `the file has ${size} bytes; ${FILE_LIMIT_BYTES} are given`);
	const text = await Bun.file(path).text();
	if (!line && (limit === undefined || limit === null)) return { content: text };
	// Lines count from 1 and keep their ends.
	const lines = text.split(/(?<=\n)/);
	const from = Math.max(0, (line ?? 1) - 1);
	return { content: lines.slice(from, from + (limit ?? lines.length)).join("") };
}

/** Makes the file, and the folders above it, when they are not there. */
export async function writeTextFile({ path, content }: WriteTextFileRequest): Promise<Record<string, never>> {
	await mkdir(dirname(absolute(path)), { recursive: true });
	await writeFile(path, content);
	return {};
}

export function absolute(path: string): string {
	if (!isAbsolute(path) || path.includes("\0"))
		throw RequestError.invalidParams({ path }, `${JSON.stringify(path)} is no absolute path`);
	return path;
}

async function sizeOf(path: string): Promise<number> {
	try {
		const found = await stat(path);
		// A pipe or a device would be read for ever.
		if (!found.isFile()) throw RequestError.invalidParams({ path }, `${path} is no file`);
		return found.size;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") throw RequestError.resourceNotFound(path);
		throw error;
	}
}
