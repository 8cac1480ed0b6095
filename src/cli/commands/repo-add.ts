import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { repoAdd } from "../registry/repositories.ts";
import { tildePath } from "../text/paths.ts";

export const run: Run<typeof repoAdd> = async (cli, { flags, operands }) => {
	const api = await cli.api();
	const repository = await answer(
		api.routes.repos.post({
			path: resolve(cli.cwd, operands[0] ?? "."),
			...(flags.name === undefined ? {} : { name: flags.name }),
		}),
	);
	if (flags.json) cli.printJson(repository);
	else cli.print(`${repository.name}  ${tildePath(repository.path, cli.env.HOME)}`);
};
