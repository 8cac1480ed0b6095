/** The argv that has an agent answer one prompt and exit. */
import type { AgentManifest } from "../../../contract/agent-definition.ts";
import type { Headless, HeadlessCommand } from "../../../contract/agent-start.ts";
import { BerthError } from "../../../contract/errors.ts";
import { checkDirectory } from "../programs.ts";
import { checkPlaces, checkWords, refused } from "./commands.ts";
import { fillEnvironment, fillTemplate, PROMPT_ARGUMENT_BYTES } from "./template.ts";

/** Throws `invalid_cwd`, `too_large`, or `bad_request` for what it has no place for. */
export function headlessCommand(
	manifest: AgentManifest,
	home: string,
	{ prompt, cwd: wanted, model, mode, args = [] }: Headless,
): HeadlessCommand {
	const cwd = checkDirectory(wanted, home);
	const template = manifest.commands.headless;
	if (!template)
		throw refused(
			manifest,
			"answers no single prompt: its definition has no commands.headless",
			"definition",
		);
	checkPlaces(manifest, "pty", template, { args, model, mode });
	if (Buffer.byteLength(prompt) > PROMPT_ARGUMENT_BYTES)
		throw new BerthError(
			"too_large",
			`a prompt for one answer may have ${PROMPT_ARGUMENT_BYTES} bytes; put more into a file`,
		);
	const command = fillTemplate(template, { prompt, cwd, model, mode }, args);
	checkWords(manifest, command);
	return { command, env: fillEnvironment(manifest.env, {}) };
}
