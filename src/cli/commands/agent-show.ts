import { pathPart } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { agentShow } from "../registry/agents.ts";

export const run: Run<typeof agentShow> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const id = pathPart(operands[0]!);
	if (flags.json) return cli.printJson(await api.json(`/agents/${id}`));
	const response = await api.client.fetch(`/agents/${id}`, { headers: { accept: "application/toml" } });
	cli.write(await response.text());
};
