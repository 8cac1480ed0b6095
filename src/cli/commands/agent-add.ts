import { readFileSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { pathPart } from "../../client/client.ts";
import type { AgentDefinition } from "../../contract/agent-definition.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import type { agentAdd } from "../registry/agents.ts";

export const run: Run<typeof agentAdd> = async (cli, { flags, operands }) => {
	const file = operands[0]!;
	const text = await readText(cli, file);
	const json = extname(file) === ".json" || (file === "-" && text.trimStart().startsWith("{"));
	const api = await cli.api();
	const response = await api.client.fetch(`/agents/${pathPart(idIn(text, json) ?? nameOf(file))}`, {
		method: "PUT",
		headers: { "content-type": json ? "application/json" : "application/toml" },
		body: text,
	});
	const added = (await response.json()) as AgentDefinition;
	if (flags.json) return cli.printJson(added);
	const missing = added.available.includes(added.driver) ? "" : "; its program is not installed";
	cli.print(`${response.status === 201 ? "added" : "replaced"} ${added.id}${missing}`);
};

async function readText(cli: Cli, file: string): Promise<string> {
	if (file === "-") return Bun.stdin.text();
	try {
		return readFileSync(resolve(cli.cwd, file), "utf8");
	} catch (error) {
		const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
		throw new BerthError("bad_request", `${file}: ${why}`, { field: "file" }, error);
	}
}

/** The id that the text says; null when it cannot be read. The daemon then tells why, better than we could. */
function idIn(text: string, json: boolean): string | null {
	try {
		const { id } = (json ? JSON.parse(text) : Bun.TOML.parse(text)) as { id?: unknown };
		return typeof id === "string" && id !== "" ? id : null;
	} catch {
		return null;
	}
}

function nameOf(file: string): string {
	return file === "-" ? "agent" : basename(file, extname(file));
}
