import { answer } from "../../client/client.ts";
import type { AgentDefinition } from "../../contract/agent-definition.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import { printTable } from "../output/print-table.ts";
import type { Column } from "../output/table.ts";
import type { agentDetect } from "../registry/agents.ts";
import { tildePath } from "../text/paths.ts";
import { tellBroken } from "./agent-ls.ts";

const columns: readonly Column[] = [
	{ title: "ID" },
	{ title: "VERSION", shrinks: true },
	{ title: "PROGRAM", shrinks: true },
];

export const run: Run<typeof agentDetect> = async (cli, { flags }) => {
	const api = await cli.api();
	const list = await answer(api.routes.agents.get({ query: { versions: true, path: cli.env.PATH } }));
	if (flags.json) return cli.printJson(list);
	printTable(
		cli,
		columns,
		list.agents.map((agent) => rowOf(agent, cli)),
	);
	tellBroken(cli, list);
};

function rowOf({ id, version, path, install }: AgentDefinition, cli: Cli): string[] {
	if (path === null) return [id, "not installed", install ?? "-"];
	return [id, version ?? "unknown", tildePath(path, cli.env.HOME)];
}
