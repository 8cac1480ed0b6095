import { resolve } from "node:path";
import { answer } from "../../client/client.ts";
import { ruleDecisions } from "../../contract/words.ts";
import { type Run, UsageError } from "../command.ts";
import type { permissionRulesAdd } from "../registry/permissions.ts";

export const run: Run<typeof permissionRulesAdd> = async (cli, { flags, operands }) => {
	const [said, tool, subject] = operands as [string, string, string?];
	const decision = ruleDecisions.find((each) => each === said);
	if (decision === undefined) {
		throw new UsageError(
			`a rule says ${ruleDecisions.join(", ")}, not ${JSON.stringify(said)}`,
			"permissions rules add",
		);
	}
	const api = await cli.api();
	const rule = await answer(
		api.routes.permissions.rules.post({
			decision,
			tool,
			...(subject === undefined ? {} : { subject }),
			...(flags.agent === undefined ? {} : { agent: flags.agent }),
			...(flags.dir === undefined ? {} : { directory: resolve(cli.cwd, flags.dir) }),
		}),
	);
	if (flags.json) cli.printJson(rule);
	else cli.print(rule.id);
};
