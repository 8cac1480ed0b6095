/** Filtering, sorting and grouping of sessions. Pure. */
import type { Session } from "./types.ts";

export type Sort = "created" | "active" | "name";

export const isSort = (value: unknown): value is Sort =>
	value === "created" || value === "active" || value === "name";

/** Whether every word of the filter is in what is shown of the session. `#tag` means the tag alone. */
export function matches(session: Session, filter: string): boolean {
	const worker = session.workers[0];
	const text = [
		session.name,
		session.id,
		worker?.cwd ?? session.cwd,
		worker?.title,
		worker?.foreground,
		...session.tags,
	]
		.join(" ")
		.toLowerCase();
	return filter
		.toLowerCase()
		.split(/\s+/)
		.every((word) =>
			word.startsWith("#")
				? session.tags.some((tag) => tag.toLowerCase().startsWith(word.slice(1)))
				: text.includes(word),
		);
}

export function sorted(list: readonly Session[], sort: Sort): Session[] {
	const all = [...list];
	switch (sort) {
		case "created":
			return all.sort((a, b) => a.createdAt - b.createdAt);
		case "active":
			return all.sort((a, b) => b.lastActiveAt - a.lastActiveAt);
		case "name":
			return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
	}
}

export interface Group {
	directory: string | null;
	sessions: Session[];
}

/** By the directory that a session was made in, in the order in which the list meets them. */
export function grouped(list: readonly Session[], byDirectory: boolean): Group[] {
	if (!byDirectory) return [{ directory: null, sessions: [...list] }];
	return [...Map.groupBy(list, ({ cwd }) => cwd)].map(([directory, sessions]) => ({ directory, sessions }));
}
