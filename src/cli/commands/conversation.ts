import type { Item } from "../../contract/conversation.ts";
import { type Run, UsageError } from "../command.ts";
import { followConversation, lastItems } from "../conversation.ts";
import { ConversationPrinter } from "../output/conversation.ts";
import type { conversation } from "../registry/prompts.ts";

export const run: Run<typeof conversation> = async (cli, { flags, operands }) => {
	const [target] = operands as [string];
	const api = await cli.api();
	if (flags.export !== undefined) {
		if (flags.follow || flags.items !== undefined)
			throw new UsageError("an export is the whole conversation, without --follow and -n", "conversation");
		const response = await api.client.fetch(
			`${api.targetPath(target)}/conversation/export?format=${flags.export}`,
		);
		for await (const chunk of response.body!) cli.write(chunk);
		return;
	}
	const count = flags.items ?? (flags.follow ? 0 : Number.MAX_SAFE_INTEGER);
	const { items, next } = await lastItems(api, target, Math.max(1, count));
	const shown = count === 0 ? [] : items;
	if (flags.json && !flags.follow) return cli.printJson({ items: shown, next, previous: null });
	const printer = new ConversationPrinter(cli);
	const show = (item: Item): void => {
		if (flags.json) cli.print(JSON.stringify(item));
		else printer.item(item);
	};
	for (const item of shown) show(item);
	if (flags.follow) {
		for await (const item of followConversation(api, target, next)) show(item);
	}
	printer.end();
};
