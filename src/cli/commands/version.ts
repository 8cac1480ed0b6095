import { VERSION } from "../../contract/version.ts";
import type { Run } from "../command.ts";
import type { version } from "../registry/berth.ts";

export const run: Run<typeof version> = async (cli, { flags }) => {
	if (flags.json) cli.printJson({ name: "berth", version: VERSION });
	else cli.print(`berth ${VERSION}`);
};
