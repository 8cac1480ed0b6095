import { answer } from "../../client/client.ts";
import type { Run } from "../command.ts";
import type { tag } from "../registry/sessions.ts";

export const run: Run<typeof tag> = async (cli, { flags, operands }) => {
	const [ref, ...added] = operands as [string, ...string[]];
	const api = await cli.api();
	let session = await api.getSession(ref);
	if (added.length > 0 || flags.remove.length > 0 || flags.clear) {
		const kept = flags.clear ? [] : session.tags.filter((each) => !flags.remove.includes(each));
		session = await answer(api.session(ref).patch({ tags: [...new Set([...kept, ...added])] }));
	}
	if (flags.json) cli.printJson(session);
	else if (session.tags.length > 0) cli.print(session.tags.join(" "));
};
