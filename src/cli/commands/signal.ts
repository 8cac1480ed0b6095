import { answer } from "../../client/client.ts";
import { type SignalName, signalNames } from "../../contract/signals.ts";
import { type Run, UsageError } from "../command.ts";
import type { signal } from "../registry/drive.ts";
import { nearest } from "../text/nearest.ts";

export const run: Run<typeof signal> = async (cli, { flags, operands }) => {
	const [ref, given] = operands as [string, string];
	const api = await cli.api();
	const result = await answer(api.target(ref).signal.post({ signal: parseSignal(given) }));
	if (flags.json) cli.printJson(result);
};

/** `INT`, `int`, `SIGINT`. */
function parseSignal(text: string): SignalName {
	const name = text.toUpperCase().replace(/^SIG/, "");
	const known = signalNames.find((each) => each === name);
	if (known) return known;
	const close = nearest(name, signalNames);
	throw new UsageError(`there is no signal ${text}${close ? `; did you mean ${close}?` : ""}`, "signal");
}
