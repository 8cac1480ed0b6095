import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "../../../contract/errors.ts";
import { eventsAfter } from "../../../store/events.ts";
import { type TestDaemon, testDaemon } from "../../testing.ts";
import type { AgentDefinitions } from "./definitions.ts";

let daemon: TestDaemon;
let definitions: AgentDefinitions;
let folder: string;
beforeEach(() => {
	daemon = testDaemon();
	definitions = daemon.context.definitions;
	folder = join(daemon.context.home, "config/agents");
});
afterEach(() => daemon.dispose());

const AIDER = `# mine
id = "aider"
name = "Aider"
executable = "aider"
driver = "pty"

[commands.pty]
start = ["aider", ["--model", "{{model}}"], "{{args}}"]
`;

function write(name: string, text: string): void {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name), text);
}

function refusalOf(work: () => unknown): string {
	try {
		work();
		return "no refusal";
	} catch (error) {
		const { code, message } = BerthError.from(error);
		return `${code}: ${message}`;
	}
}

const ids = () => definitions.list().map(({ manifest }) => manifest.id);
const builtIn = ["claude", "codex", "gemini", "opencode"];

describe("the definitions", () => {
	test("that are built in can be used, and say which programs they need", () => {
		expect(ids()).toEqual(builtIn);
		for (const definition of definitions.list()) {
			const { builtIn: own, drivers, available, path } = definitions.view(definition);
			expect(own).toBe(true);
			expect(drivers).toContain("pty");
			expect(drivers).toContain("acp");
			if (path === null) expect(available).not.toContain("pty");
		}
	});

	test("of the user stand beside them or replace them, and go back when they go", () => {
		write("aider.toml", AIDER);
		write("codex.json", JSON.stringify({ ...definitions.find("codex").manifest, name: "My Codex" }));
		expect(ids()).toEqual(["aider", ...builtIn]);
		expect(definitions.find("aider")).toMatchObject({ builtIn: false, manifest: { name: "Aider" } });
		expect(definitions.find("codex")).toMatchObject({ builtIn: false, manifest: { name: "My Codex" } });
		rmSync(folder, { recursive: true });
		expect(ids()).toEqual(builtIn);
		expect(definitions.find("codex")).toMatchObject({ builtIn: true, manifest: { name: "Codex" } });
	});

	test("are read again when a file has changed, in place or replaced, even to the same length", () => {
		write("aider.toml", AIDER);
		const nameNow = () => definitions.find("aider").manifest.name;
		expect(nameNow()).toBe("Aider");
		write("aider.toml", AIDER.replace("Aider", "Rider"));
		expect(nameNow()).toBe("Rider");
		rmSync(join(folder, "aider.toml"));
		write("aider.toml", AIDER.replace("Aider", "Wider"));
		expect(nameNow()).toBe("Wider");
	});

	test("that are broken are told with the place, and disturb no other", () => {
		write("aider.toml", AIDER);
		write("claude.toml", "id = claude\n");
		write("Not An Id.toml", AIDER);
		write("other.json", '{"id":');
		write("notes.txt", "not looked at");
		expect(ids()).toEqual(["aider", ...builtIn]);
		expect(definitions.find("claude").builtIn).toBe(true);
		const broken = Object.fromEntries(definitions.broken().map(({ file, reason }) => [file, reason]));
		expect(Object.keys(broken).sort()).toEqual(
			["Not An Id.toml", "claude.toml", "other.json"].map((name) => join(folder, name)),
		);
		expect(broken[join(folder, "claude.toml")]).toStartWith("line 1, column 6:");
		expect(broken[join(folder, "other.json")]).toContain("not valid JSON");
		write("claude.toml", AIDER);
		expect(definitions.broken().map(({ reason }) => reason)).toContain('id: must be "claude", not "aider"');
	});

	test("that cannot be read are broken, not missing", () => {
		write("aider.toml", AIDER);
		chmodSync(join(folder, "aider.toml"), 0o000);
		mkdirSync(join(folder, "dir.toml"));
		const reasons = definitions.broken().map(({ reason }) => reason);
		expect(reasons.every((reason) => reason.startsWith("it cannot be read"))).toBe(true);
		expect(reasons.length).toBe(process.getuid?.() === 0 ? 1 : 2);
	});
});

describe("a definition that is added", () => {
	test("is kept as it was written, privately, and told as an event", () => {
		expect(definitions.save("aider", AIDER, "toml").added).toBe(true);
		const file = join(folder, "aider.toml");
		expect(readFileSync(file, "utf8")).toBe(AIDER);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(definitions.save("aider", AIDER.replace("Aider", "A"), "toml").added).toBe(false);
		const json = JSON.stringify({ ...definitions.find("aider").manifest, name: "J" });
		definitions.save("aider", json, "json");
		expect(readdirSync(folder)).toEqual(["aider.json"]);
		expect(definitions.find("aider").manifest.name).toBe("J");
		definitions.remove("aider");
		expect(ids()).toEqual(builtIn);
		expect(eventsAfter(daemon.context.store.read, 0, 10).map(({ type, data }) => [type, data.agent])).toEqual(
			[
				["agent.added", "aider"],
				["agent.added", "aider"],
				["agent.added", "aider"],
				["agent.removed", "aider"],
			],
		);
	});

	test("and cannot be used is refused, says where and why, and changes nothing", () => {
		const refused = (from: string, to: string) =>
			refusalOf(() => definitions.save("aider", AIDER.replace(from, to), "toml"));
		expect(refused('driver = "pty"', "driver = ")).toMatch(/^invalid_agent: line 5, column \d+:/);
		expect(refused("{{model}}", "{{modle}}")).toContain("commands.pty.start: there is no variable {{modle}}");
		expect(refused('"pty"', '"acp"')).toContain("driver: there is no [commands.acp]");
		expect(refused('"pty"', '"psychic"')).toContain("driver: ");
		expect(refused("name =", "nmae =")).toContain("invalid_agent: ");
		expect(refused('id = "aider"', 'id = "Aider"')).toContain("id: ");
		expect(refused('"{{args}}"', '"{{conversation}}"')).toContain("put it in a group");
		expect(refused('"{{args}}"', '"{{prompt}}"')).toContain("put it in a group");
		expect(refusalOf(() => definitions.save("other", AIDER, "toml"))).toContain('id: must be "other"');
		const rules = (rule: string) =>
			refusalOf(() =>
				definitions.save("aider", `${AIDER}\n[[screen]]\nid = "busy"\nstate = "busy"\n${rule}`, "toml"),
			);
		expect(rules('any = ["("]')).toContain("screen rule busy: ");
		expect(rules("")).toContain("screen rule busy: needs a pattern");
		expect(rules('any = ["x"]\nwhat = 1')).toContain("screen.0.what");
		const live = (type: string, taken: string) =>
			refusalOf(() =>
				definitions.save("aider", `${AIDER}\n[live.model]\ntype = "${type}"\ntaken = "${taken}"`, "toml"),
			);
		expect(live("/model {{mode}}", "x")).toContain("live.model.type: it holds {{model}}, and nothing else");
		expect(live("/model", "x")).toContain("live.model.type: ");
		expect(live("/model {{model}}\\r", "x")).toContain("live.model.type: it is one line");
		expect(live("/model {{model}}", "(")).toContain("invalid_agent: live.model.taken: ");
		expect(ids()).toEqual(builtIn);
		expect(eventsAfter(daemon.context.store.read, 0, 10)).toEqual([]);
	});

	test("can be removed; one that is built in, or is not there, cannot", () => {
		expect(refusalOf(() => definitions.remove("claude"))).toStartWith("agent_built_in");
		expect(refusalOf(() => definitions.remove("aider"))).toStartWith("agent_not_found");
		expect(refusalOf(() => definitions.remove("../../berth"))).toStartWith("agent_not_found");
		expect(refusalOf(() => definitions.find("../aider"))).toStartWith("agent_not_found");
	});
});
