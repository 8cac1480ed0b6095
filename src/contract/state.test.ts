import { expect, test } from "bun:test";
import { signalNumber } from "./signals.ts";
import { allows, isLive, shellStatus, transition, workerStates } from "./state.ts";

test("a worker's way is starting, running, stopping, exited", () => {
	expect(transition("worker", "starting", "running")).toBe("running");
	expect(transition("worker", "running", "stopping")).toBe("stopping");
	expect(transition("worker", "stopping", "exited")).toBe("exited");
});

test("a late exit cannot overwrite an end, and an ended worker only starts again", () => {
	for (const to of workerStates) expect(allows("worker", "exited", to)).toBe(to === "starting");
	expect(() => transition("worker", "exited", "running")).toThrow("cannot become");
});

test("every live state can come to an end", () => {
	for (const state of workerStates) if (isLive(state)) expect(allows("worker", state, "exited")).toBe(true);
});

test("an ended run never changes", () => {
	expect(() => transition("run", "completed", "running")).toThrow("cannot become");
	expect(transition("run", "claimed", "pending")).toBe("pending");
});

test("a shell's status is the code, or 128 and the signal's number", () => {
	expect(shellStatus({ code: 7, signal: null, reason: "exited" }, signalNumber)).toBe(7);
	expect(shellStatus({ code: null, signal: "KILL", reason: "killed" }, signalNumber)).toBe(137);
	expect(shellStatus({ code: null, signal: null, reason: "lost" }, signalNumber)).toBe(1);
});
