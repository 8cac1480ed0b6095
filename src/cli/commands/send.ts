import { answer } from "../../client/client.ts";
import type { InputResult } from "../../contract/io.ts";
import { INPUT_LIMIT_BYTES } from "../../contract/limits.ts";
import type { Api } from "../api.ts";
import type { Run } from "../command.ts";
import type { send } from "../registry/drive.ts";

export const run: Run<typeof send> = async (cli, { flags, operands }) => {
	const [ref, text] = operands as [string, string];
	const api = await cli.api();
	const result =
		text === "-" ? await sendStdin(api, ref, flags.enter) : await sendText(api, ref, text, flags.enter);
	if (flags.json) cli.printJson(result);
};

function sendText(api: Api, ref: string, text: string, enter: boolean): Promise<InputResult> {
	return answer(api.target(ref).input.post({ text: enter ? `${text}\r` : text }));
}

/** Standard input as it comes, in pieces that the API takes: an endless input needs no memory. */
async function sendStdin(api: Api, ref: string, enter: boolean): Promise<InputResult> {
	let bytes = 0;
	const post = async (body: Uint8Array) => {
		const response = await api.client.fetch(`${api.targetPath(ref)}/input`, {
			method: "POST",
			headers: { "content-type": "application/octet-stream" },
			body: body as Uint8Array<ArrayBuffer>,
		});
		bytes += ((await response.json()) as InputResult).bytes;
	};
	for await (const chunk of Bun.stdin.stream()) {
		for (let at = 0; at < chunk.length; at += INPUT_LIMIT_BYTES)
			await post(chunk.subarray(at, at + INPUT_LIMIT_BYTES));
	}
	if (enter) await post(new TextEncoder().encode("\r"));
	return { bytes };
}
