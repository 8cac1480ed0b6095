import type { ScreenFacts } from "../../contract/io.ts";
import type { Run } from "../command.ts";
import type { screen } from "../registry/read.ts";

export const run: Run<typeof screen> = async (cli, { flags, operands }) => {
	const ref = operands[0]!;
	const format = flags.json ? "json" : (flags.format ?? "text");
	const api = await cli.api();
	const path = `${api.targetPath(ref)}/screen?format=${format}`;
	if (format === "json") return cli.printJson(await api.json<ScreenFacts>(path));
	const response = await api.client.fetch(path);
	const text = await response.text();
	cli.write(text.endsWith("\n") ? text : `${text}\n`);
};
