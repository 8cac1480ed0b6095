import { expect, test } from "bun:test";
import { grouped, matches, sorted } from "./overview.ts";
import type { Session } from "./types.ts";

function made(name: string, over: Partial<Session> = {}): Session {
	return {
		id: `s_${name}`,
		name,
		port: null,
		kind: "quick",
		cwd: "/src",
		shell: "/bin/bash",
		tags: [],
		createdAt: 0,
		lastActiveAt: 0,
		idleTimeoutSeconds: null,
		restart: "no",
		sizePolicy: "latest",
		viewers: 0,
		workers: [],
		...over,
	};
}

test("every word of the filter must be found; # means a tag", () => {
	const api = made("api-2", { tags: ["work", "blue"], cwd: "/home/me/harbour" });
	expect(matches(api, "harb API")).toBe(true);
	expect(matches(api, "harb nothing")).toBe(false);
	expect(matches(api, "#wor")).toBe(true);
	expect(matches(api, "#api")).toBe(false);
	expect(matches(api, "")).toBe(true);
});

test("sorting by name counts numbers as numbers, by activity the last comes first", () => {
	const list = [made("w10", { lastActiveAt: 5 }), made("w9", { lastActiveAt: 9, createdAt: 1 })];
	expect(sorted(list, "name").map(({ name }) => name)).toEqual(["w9", "w10"]);
	expect(sorted(list, "active").map(({ name }) => name)).toEqual(["w9", "w10"]);
	expect(sorted(list, "created").map(({ name }) => name)).toEqual(["w10", "w9"]);
});

test("groups are directories, in the order of the list", () => {
	const list = [made("a", { cwd: "/x" }), made("b", { cwd: "/y" }), made("c", { cwd: "/x" })];
	expect(grouped(list, true).map(({ directory, sessions }) => [directory, sessions.length])).toEqual([
		["/x", 2],
		["/y", 1],
	]);
	expect(grouped(list, false)).toEqual([{ directory: null, sessions: list }]);
});
