import { describe, expect, test } from "bun:test";
import type { Exit, ExitReason } from "../../contract/state.ts";
import {
	BACKOFF_FIRST_MS,
	BACKOFF_LONGEST_MS,
	HEALTHY_AFTER_MS,
	type PolicyFacts,
	planRestart,
	RESTARTS_IN_A_ROW,
} from "./restart-policy.ts";

const NOW = 1_000_000;

function plan(exit: Partial<Exit>, more: Partial<PolicyFacts> = {}) {
	return planRestart({
		policy: "always",
		exit: { code: null, signal: null, reason: "exited", ...exit },
		restarts: 0,
		startedAt: NOW - 10,
		endedAt: NOW,
		now: NOW,
		...more,
	});
}

describe("the restart policy", () => {
	test("on-failure restarts what failed, always restarts what ended, no restarts nothing", () => {
		const due = (policy: PolicyFacts["policy"], exit: Partial<Exit>) =>
			plan(exit, { policy }).nextRestartAt !== null;
		expect(["no", "on-failure", "always"].map((policy) => due(policy as "no", { code: 0 }))).toEqual([
			false,
			false,
			true,
		]);
		expect(["no", "on-failure", "always"].map((policy) => due(policy as "no", { code: 1 }))).toEqual([
			false,
			true,
			true,
		]);
		expect(due("on-failure", { signal: "SEGV" })).toBe(true);
		expect(due("on-failure", { reason: "lost" })).toBe(true);
	});

	test("what somebody ended stays ended", () => {
		const reasons: ExitReason[] = ["closed", "killed", "stopped", "idle"];
		expect(reasons.map((reason) => plan({ signal: "KILL", reason }).nextRestartAt)).toEqual([
			null,
			null,
			null,
			null,
		]);
	});

	test("waits twice as long each time, up to a minute, and gives up after ten in a row", () => {
		const waits = Array.from({ length: RESTARTS_IN_A_ROW + 1 }, (_, restarts) => {
			const { nextRestartAt } = plan({ code: 1 }, { restarts });
			return nextRestartAt === null ? null : nextRestartAt - NOW;
		});
		expect(waits).toEqual(
			[1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((seconds): number | null => seconds * 1000).concat(null),
		);
		expect([BACKOFF_FIRST_MS, BACKOFF_LONGEST_MS]).toEqual([1000, 60_000]);
	});

	test("a minute of health ends the row", () => {
		const healthy = { restarts: RESTARTS_IN_A_ROW, startedAt: NOW - HEALTHY_AFTER_MS };
		expect(plan({ code: 1 }, healthy)).toEqual({ restarts: 0, nextRestartAt: NOW + BACKOFF_FIRST_MS });
		expect(plan({ code: 1 }, { ...healthy, startedAt: NOW - HEALTHY_AFTER_MS + 1 }).nextRestartAt).toBeNull();
	});
});
