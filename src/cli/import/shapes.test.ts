import { describe, expect, test } from "bun:test";
import { readForeign } from "./shapes.ts";

const read = (value: unknown) => readForeign(JSON.stringify(value), "sessions.json");

const silc = {
	port: 20_000,
	name: "api",
	session_id: "0a1b2c",
	shell: "bash",
	is_global: false,
	cwd: "/srv/api",
	created_at: "2026-04-06T10:00:00",
};

describe("a sessions file of SILC", () => {
	test("is recognised as a list, and as it lies on disk", () => {
		const expected = {
			source: "silc",
			id: "0a1b2c",
			name: "api",
			cwd: "/srv/api",
			shell: "bash",
			port: 20_000,
			workers: [],
			paused: false,
			notes: [],
			refusal: null,
		};
		expect(read([silc])).toEqual([expected] as never);
		expect(read({ sessions: [silc] })).toEqual([expected] as never);
	});

	test("says what a session had that it cannot keep", () => {
		const [open, odd, homeless] = read([
			{ ...silc, is_global: true },
			{ ...silc, port: 80, name: null },
			{ ...silc, cwd: null },
		]);
		expect(open!.notes).toEqual(["it was open to the network; here its port is on loopback only"]);
		expect(odd).toMatchObject({ name: "silc-80", port: null });
		expect(homeless!.refusal).toBe("it names no directory");
	});
});

describe("a sessions file of agent-console", () => {
	const base = { serverPid: 7, createdAt: "2026-01-01T00:00:00Z" };

	test("with workers gives its terminals and the agents that are known here, and names what stays behind", () => {
		const [session] = read([
			{
				...base,
				id: "u-1",
				type: "worktree",
				locationPath: "/srv/project",
				repositoryId: "r",
				worktreeId: "w",
				title: "Fix the login",
				pausedAt: "2026-01-02T00:00:00Z",
				workers: [
					{ id: "1", type: "agent", name: "Claude", agentId: "claude-code-builtin", pid: 5 },
					{ id: "2", type: "terminal", name: "Terminal 1", pid: null },
					{ id: "4", type: "agent", name: "Mine", agentId: "6b1e4c6e-0000", pid: 6 },
					{ id: "3", type: "git-diff", name: "Diff", baseCommit: "abc" },
				],
			},
		]);
		expect(session).toMatchObject({
			source: "agent-console",
			id: "u-1",
			name: "Fix the login",
			cwd: "/srv/project",
			workers: [
				{ name: "Claude", agent: "claude" },
				{ name: "Terminal 1", agent: null },
			],
			paused: true,
			refusal: null,
		});
		expect(session!.notes).toHaveLength(3);
		expect(session!.notes.join("\n")).toContain("the agent Mine is of a kind of its user's own");
	});

	test("of old, with one agent each, gives its directories and the agent", () => {
		const old = { ...base, id: "u-2", worktreePath: "/srv/project", repositoryId: "default", pid: 5 };
		const [quick, worktree] = read([old, { ...old, id: "u-3", repositoryId: "r-1" }]);
		expect(quick).toMatchObject({ id: "u-2", name: "project", cwd: "/srv/project" });
		expect(quick!.workers).toEqual([{ name: "agent", agent: "claude" }]);
		expect(quick!.notes).toEqual([]);
		expect(worktree!.notes).toHaveLength(1);
	});

	test("says of an orphaned session that it is one", () => {
		const orphan = {
			...base,
			id: "u-4",
			type: "quick",
			locationPath: "/srv",
			workers: [],
			recoveryState: "orphaned",
		};
		expect(read([orphan])[0]!.refusal).toContain("orphaned");
	});
});

test("an entry that is unknown among known ones is listed and not guessed at", () => {
	expect(read([silc, { hello: "world" }, 7]).map(({ refusal }) => refusal)).toEqual([
		null,
		"its shape is not known",
		"its shape is not known",
	]);
});

test("a file of something else is refused as a whole", () => {
	for (const text of ["", "{", "7", "null", '{"a":1}', '[{"hello":1}]', "[[]]"])
		expect(() => readForeign(text, "sessions.json"), text).toThrow("sessions.json");
	expect(read([])).toEqual([]);
});
