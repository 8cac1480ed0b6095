/** Several Berths on one machine, as of several users: what they share is the ports of sessions. */
import { expect, test } from "bun:test";
import { Berth } from "../support/berth.ts";

test("homes side by side do not fail each other's sessions over a port that nobody asked for", async () => {
	const homes = await Promise.all(Array.from({ length: 5 }, () => Berth.start()));
	try {
		const made = await Promise.all(
			homes.flatMap((berth) =>
				Array.from({ length: 8 }, () => berth.api("POST", "/sessions", { command: ["cat"] })),
			),
		);
		expect(made.filter(({ status }) => status !== 201).map(({ body }) => body.detail)).toEqual([]);
		expect(new Set(made.map(({ body }) => body.port)).size).toBe(made.length);
	} finally {
		for (const berth of homes) await berth[Symbol.asyncDispose]();
	}
}, 300_000);
