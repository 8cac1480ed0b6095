/** Taking over from other programs. */
import { defineCommand } from "../command-spec.ts";

export const importCommand = defineCommand({
	name: "import",
	group: "berth",
	summary: "Take over the sessions of SILC or agent-console",
	usage: ["import FILE [--dry-run]"],
	about:
		"FILE is their sessions file, recognised by its shape and never changed. The plan is shown first; at a terminal you are asked. Each " +
		"session is made here with its name, directory, shell, terminals, agents that Berth knows and, if it is free, its port; processes, output and " +
		"conversations are not moved: shells and agents start anew, and what is left behind is named. Doing it again changes nothing: a tag tells what has been taken over.",
	examples: [
		["look first", "berth import ~/.silc/sessions.json --dry-run"],
		["without being asked", "berth import ~/.agent-console/sessions.json --yes"],
	],
	flags: {
		"dry-run": { kind: "boolean", short: "n", summary: "Show the plan and do nothing" },
		yes: { kind: "boolean", short: "y", summary: "Do not ask" },
	},
	operands: { min: 1, max: 1 },
	completes: ["file"],
});
