import { expect, test } from "bun:test";
import { BerthError, errorKinds } from "./errors.ts";

test("an error crosses a process border and comes back with code, sentence and facts", () => {
	const sent = new BerthError("session_busy", "vim is in the foreground", { busyWith: "vim" });
	const received = BerthError.fromProblem(JSON.parse(JSON.stringify(sent.toProblem())));
	expect([received.code, received.message, received.info, received.status]).toEqual([
		"session_busy",
		"vim is in the foreground",
		{ busyWith: "vim" },
		409,
	]);
});

test("a code that only a newer peer knows becomes internal and keeps the sentence", () => {
	const error = BerthError.fromProblem({ code: "from_the_future", detail: "do this" });
	expect([error.code, error.message]).toEqual(["internal", "do this"]);
});

test("every code has an error status and a title", () => {
	for (const kind of Object.values(errorKinds)) {
		expect(kind.status).toBeGreaterThanOrEqual(400);
		expect(kind.title.length).toBeGreaterThan(0);
	}
});
