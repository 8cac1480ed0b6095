/** `berth permissions`, against an agent with hooks. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Permission, PermissionRule } from "../../src/contract/permission.ts";
import type { Session } from "../../src/contract/session.ts";
import { addHookedAgent, Hooked } from "../support/agents/hooked.ts";
import { Berth } from "../support/berth.ts";

setDefaultTimeout(300_000);

let berth: Berth;
let hooked: Hooked;
beforeAll(async () => {
	berth = await Berth.start();
	await addHookedAgent(berth);
	hooked = await Hooked.start(berth, "work");
});
afterAll(() => berth[Symbol.asyncDispose]());

const json = async <T>(...args: string[]) => JSON.parse(await berth.ok([...args, "--json"])) as T;
/** A request with any tool, as Claude Code's hook would bring it. */
const request = async (id: string, hook: object): Promise<void> => {
	const { id: worker } = await hooked.worker();
	const call = { id, worker, hook: { hook_event_name: "PermissionRequest", ...hook } };
	// It is answered when the request ends; what is said then is not looked at here.
	void berth.api("POST", "/hooks/claude", call).catch(() => null);
	for (;;) if ((await hooked.requests("pending")).some((each) => each.id === id)) return;
};

test("what waits is listed, shown, and allowed or denied; an answer counts once, and a late one fails", async () => {
	const nothing = await berth.run(["permissions", "ls"]);
	expect(nothing).toEqual({ code: 0, stdout: "", stderr: "nothing waits for an answer\n" });
	const [first, second] = [await hooked.asks("make"), await hooked.asks("make clean")];
	const listed = await berth.ok(["permissions", "ls"]);
	expect(listed).toMatch(new RegExp(`${first.id}  work/\\S+  \\d+s ago  waits \\d+m more  Run \`make\`\n`));
	expect(await json<Permission[]>("permissions", "ls", "work")).toEqual(await hooked.requests("pending"));
	expect((await berth.run(["permissions", "ls", "nobody"])).code).toBe(1);
	expect(await berth.ok(["permissions", "show", first.id])).toContain("\n\n$ make\n");
	expect((await json<Permission>("permissions", "show", first.id)).id).toBe(first.id);
	expect(await berth.ok(["permissions", "allow", first.id])).toBe(`allowed ${first.id}: Run \`make\`\n`);
	expect(await hooked.said("make")).toBe("allow");
	expect(await berth.ok(["permissions", "deny", second.id, "--reason", "later"])).toContain(
		`denied ${second.id}`,
	);
	expect(await hooked.said("make clean")).toBe("deny denied in Berth: later");
	const late = await berth.run(["permissions", "allow", second.id]);
	expect([late.code, late.stdout]).toEqual([1, ""]);
	expect(late.stderr).toMatch(/^berth: the request p_\S+ has ended \(answered, denied by person: later\)\n$/);
	const all = await berth.ok(["permissions", "ls", "--all"]);
	expect(all).toContain("allowed");
	expect(all).toContain("denied");
});

test("a change is shown as lines, and nothing in it can hide", async () => {
	const hidden = "rm -rf /\u202e\x1b[2K\rls";
	await request("p_00000edit0", {
		tool_name: "Edit",
		tool_input: { file_path: "/a/b.ts", old_string: "one\ntwo\nthree", new_string: "one\n2\nthree" },
	});
	expect(await berth.ok(["permissions", "show", "p_00000edit0"])).toEndWith(
		"\n\n/a/b.ts\n  one\n- two\n+ 2\n  three\n",
	);
	await request("p_0000write0", { tool_name: "Write", tool_input: { file_path: "/new", content: "x\n" } });
	expect(await berth.ok(["permissions", "show", "p_0000write0"])).toEndWith("/new (the whole file)\n+ x\n");
	await request("p_000hidden0", { tool_name: "Bash", tool_input: { command: hidden } });
	const shown = await berth.ok(["permissions", "show", "p_000hidden0"]);
	expect(shown).toEndWith("$ rm -rf /\\u{202e}\\x1b[2K\\x0dls\n");
	expect(await berth.ok(["permissions", "ls"])).toContain("`rm -rf /\\u{202e}\\x1b[2K\\x0dls`");
	await request("p_0000other0", { tool_name: "mcp__x__y", tool_input: { deep: { er: 1 } } });
	expect(await berth.ok(["permissions", "show", "p_0000other0"])).toContain('mcp__x__y\n{\n  "deep": {');
	for (const { id } of await hooked.requests("pending")) await berth.ok(["permissions", "deny", id]);
});

test("a question is shown with what may be answered, and takes only that for an answer", async () => {
	const option = (label: string) => ({ label, description: `It is ${label}` });
	const questions = [
		{
			question: "Which library?",
			header: "Library",
			options: ["Vitest", "Jest"].map(option),
			multiSelect: false,
		},
		{
			question: "Which systems?",
			header: "Systems",
			options: ["Linux", "macOS"].map(option),
			multiSelect: true,
		},
	];
	const asks = { tool_name: "AskUserQuestion", tool_input: { questions } };
	await request("p_00several0", asks);
	expect((await berth.api<Session>("GET", "/sessions/work")).body.workers[0]).toMatchObject({
		agent: { status: { state: "needs-input" } },
	});
	const shown = await berth.ok(["permissions", "show", "p_00several0"]);
	expect(shown).toContain("1  Which library?  (Library)\n   ( ) Vitest  It is Vitest\n");
	expect(shown).toContain("2  Which systems?  (Systems)\n   [ ] Linux  It is Linux\n");
	const refusals: [string[], number, string][] = [
		[["allow", "p_00several0"], 1, "berth permissions answer p_00several0"],
		[["answer", "p_00several0", "Vitest"], 2, "QUESTION is one of 1, 2"],
		[["answer", "p_00several0", "1=Vitest"], 1, "the question 2 (Which systems?) is not answered"],
		[["answer", "p_00several0", "1=Vitest", "1=Jest", "2=Linux"], 1, "takes one answer"],
	];
	for (const [args, code, why] of refusals) {
		const refused = await berth.run(["permissions", ...args]);
		expect([refused.code, refused.stdout]).toEqual([code, ""]);
		expect(refused.stderr).toContain(why);
	}
	const given = ["1=jest", "2=Linux", "2=Plan 9"];
	expect(await berth.ok(["permissions", "answer", "p_00several0", ...given])).toBe(
		"answered p_00several0: Which library? (and 1 more)\n",
	);
	expect((await json<Permission>("permissions", "show", "p_00several0")).answers).toEqual({
		...{ "1": ["Jest"], "2": ["Linux", "Plan 9"] },
	});
	expect(await berth.ok(["permissions", "show", "p_00several0"])).toContain("   (x) Jest  It is Jest\n");
	await request("p_000single0", { ...asks, tool_input: { questions: questions.slice(0, 1) } });
	await berth.ok(["permissions", "answer", "p_000single0", "the one = that Bun has"]);
	expect((await json<Permission>("permissions", "show", "p_000single0")).answers).toEqual({
		"1": ["the one = that Bun has"],
	});
	const none = await berth.run(["permissions", "answer", (await hooked.asks("make it")).id, "yes"]);
	expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("it asks none")]);
	for (const { id } of await hooked.requests("pending")) await berth.ok(["permissions", "deny", id]);
});

describe("rules", () => {
	test("are added, listed, used and removed", async () => {
		const id = (
			await berth.ok(["permissions", "rules", "add", "allow", "Bash", "echo *", "--dir", "."])
		).trim();
		expect(id).toMatch(/^pr_[0-9a-z]{10}$/);
		expect(await json<PermissionRule[]>("permissions", "rules", "ls")).toMatchObject([
			{ id, decision: "allow", tool: "Bash", subject: "echo *", agent: null, directory: berth.home },
		]);
		expect(await berth.ok(["permissions", "rules", "ls"])).toMatch(
			/SAYS {3}TOOL {2}SUBJECT {2}AGENT {2}DIRECTORY\n.*allow/,
		);
		await hooked.types("ask echo hello");
		expect(await hooked.said("echo hello")).toBe("allow");
		expect(await berth.ok(["permissions", "ls", "--all"])).toContain("allowed by a rule");
		expect(await berth.ok(["permissions", "rules", "rm", id])).toBe(`removed ${id}\n`);
		expect((await berth.run(["permissions", "rules", "rm", id])).code).toBe(1);
		expect((await berth.run(["permissions", "rules", "ls"])).stderr).toContain("there are no rules");
	});

	test("come from --always where the agent offers nothing of the kind", async () => {
		const { id } = await hooked.asks("date");
		await berth.ok(["permissions", "allow", id, "--always"]);
		await hooked.types("ask date");
		expect(await json<PermissionRule[]>("permissions", "rules", "ls")).toMatchObject([
			{ decision: "allow", tool: "Bash", subject: "date", agent: "hooked", directory: hooked.session.cwd },
		]);
	});
});

test("usage is explained where it is wrong", async () => {
	const wrong: [string[], string][] = [
		[["permissions", "lss"], "did you mean ls?"],
		[["permissions", "rules", "ad"], "did you mean add?"],
		[["permissions", "rules", "add", "maybe", "Bash"], "a rule says allow, deny, ask"],
		[["permissions", "allow"], "permissions allow"],
	];
	for (const [args, part] of wrong) {
		const { code, stderr } = await berth.run(args);
		expect([code, stderr.split("\n").length]).toEqual([2, 2]);
		expect(stderr).toContain(part);
	}
	expect(await berth.ok(["permissions"])).toContain("berth permissions rules add");
	expect(await berth.ok(["help", "permissions", "rules"])).toContain("berth permissions rules rm");
	expect(await berth.ok(["permissions", "deny", "--help"])).toContain("Told to the agent");
});

test("completion offers the words of three, what waits, and the rules", async () => {
	const offers = async (...words: string[]) =>
		(await berth.ok(["__complete", "--", ...words]))
			.split("\n")
			.map((line) => line.split("\t")[0]!)
			.filter(Boolean);
	expect(await offers("permissions", "")).toEqual(["ls", "show", "allow", "answer", "deny", "rules"]);
	expect(await offers("permissions", "rules", "")).toEqual(["ls", "add", "rm"]);
	expect(await offers("permissions", "rules", "add", "")).toEqual(["allow", "deny", "ask"]);
	expect(await offers("permissions", "rules", "add", "allow", "")).toEqual([]);
	const { id } = await hooked.asks("who");
	expect(await offers("permissions", "allow", "")).toEqual([id]);
	const rule = (await berth.ok(["permissions", "rules", "add", "ask", "Bash"])).trim();
	expect(await offers("permissions", "rules", "rm", "")).toContain(rule);
	await berth.ok(["permissions", "deny", id]);
});
