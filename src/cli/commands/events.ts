import type { Event, EventPage } from "../../contract/system.ts";
import type { Api } from "../api.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import type { events } from "../registry/read.ts";
import { formatTime } from "../text/time.ts";

/** Events when nobody says how many or from where. */
const DEFAULT_COUNT = 50;

export const run: Run<typeof events> = async (cli, { flags }) => {
	const api = await cli.api();
	const filter = {
		...(flags.session === undefined ? {} : { session: flags.session }),
		...(flags.type.length === 0 ? {} : { types: flags.type }),
	};
	// Names for people; events carry ids, which outlive names.
	const names = flags.json ? new Map<string, string>() : await sessionNames(api);
	const show = (event: Event) => cli.print(flags.json ? JSON.stringify(event) : lineOf(event, names, cli));

	let after = flags.after;
	if (!flags.follow || flags.lines !== undefined) {
		const count = flags.lines ?? (after === undefined ? DEFAULT_COUNT : Number.POSITIVE_INFINITY);
		const page = await lastEvents(api, filter, after ?? 0, count);
		for (const event of page.events) show(event);
		after = page.next;
	}
	if (!flags.follow) return;
	for await (const event of api.client.events({ ...filter, ...(after === undefined ? {} : { after }) })) {
		if (event.type === "session.created" && !flags.json) await renewNames(api, names);
		show(event);
	}
};

async function lastEvents(
	api: Api,
	filter: { session?: string; types?: string[] },
	after: number,
	count: number,
): Promise<{ events: Event[]; next: number }> {
	const query = new URLSearchParams();
	if (filter.session !== undefined) query.set("session", filter.session);
	if (filter.types !== undefined) query.set("types", filter.types.join(","));
	let kept: Event[] = [];
	let next = after;
	for (;;) {
		query.set("after", String(next));
		const page = await api.json<EventPage>(`/events?${query}`);
		kept = [...kept, ...page.events].slice(-count);
		// Events that were dropped by age are not missed here: nobody counts on them.
		if (page.events.length === 0 || page.next <= next)
			return { events: kept, next: Math.max(next, page.next) };
		next = page.next;
	}
}

async function sessionNames(api: Api): Promise<Map<string, string>> {
	const names = new Map<string, string>();
	await renewNames(api, names);
	return names;
}

async function renewNames(api: Api, names: Map<string, string>): Promise<void> {
	for (const { id, name } of await api.listSessions(true)) names.set(id, name);
}

function lineOf(event: Event, names: ReadonlyMap<string, string>, { style }: Cli): string {
	const who = event.sessionId === null ? "" : (names.get(event.sessionId) ?? event.sessionId);
	const data = Object.keys(event.data).length === 0 ? "" : JSON.stringify(event.data);
	return [
		style.dim(String(event.seq)),
		formatTime(event.at),
		style.cyan(event.type),
		style.bold(who),
		style.dim(data),
	]
		.filter((part) => part !== "")
		.join("  ");
}
