/** The built-in agents' screen rules on screens that were recorded of them (test/fixtures/screens). */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readBuiltIns } from "./builtin.macro.ts";
import { readManifest } from "./manifest.ts";
import { type Picture, ScreenRules } from "./screen-rules.ts";

interface Recorded {
	agent: string;
	name: string;
	/** The state in its name: `busy` of `busy-2.txt`. */
	state: string;
	picture: Picture;
}

const folder = join(import.meta.dir, "../../../../test/fixtures/screens");
const recorded: Recorded[] = readdirSync(folder, { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.flatMap(({ name: agent }) =>
		readdirSync(join(folder, agent)).map((name) => {
			const [title, ...lines] = readFileSync(join(folder, agent, name), "utf8")
				.trimEnd()
				.split("\n");
			const state = name.replace(/-\d+\.txt$/, "");
			return { agent, name, state, picture: { title: title!.replace(/^title: ?/, ""), lines } };
		}),
	);

const agents = readBuiltIns()
	.map((text) => readManifest(text, "toml"))
	.map(({ id, screen = [] }) => ({ id, screen, rules: new ScreenRules(screen) }));

describe.each(agents)("the screen rules of $id", ({ id, screen, rules }) => {
	const own = recorded.filter(({ agent }) => agent === id);

	test("give every recorded screen the state that it shows", () => {
		expect(own.length).toBeGreaterThan(5);
		for (const { name, state, picture } of own)
			expect({ name, state: rules.find(picture)?.rule.state }).toEqual({ name, state } as never);
	});

	test("take no other agent's screen for a state that it does not show", () => {
		for (const { agent, name, state, picture } of recorded) {
			const found = rules.find(picture)?.rule;
			if (found && found.state !== state)
				throw new Error(`${agent}/${name} is ${found.state} by ${found.id}`);
		}
	});

	test("each hold by themselves on a recorded screen of their state", () => {
		// That it asks is true as well of what is known to ask for a permission.
		const shows = (state: string, rule: string) =>
			state === rule || (state === "needs-permission" && rule === "needs-input");
		const proved = screen.filter((rule) => {
			const alone = new ScreenRules([rule]);
			return own.some(({ state, picture }) => shows(state, rule.state) && alone.find(picture));
		});
		expect(proved.map(({ id }) => id)).toEqual(screen.map(({ id }) => id));
	});

	test("hold as well when the screen has scrolled, and when it is the last part of a longer one", () => {
		for (const { name, state, picture } of own) {
			const above = Array.from({ length: 60 }, (_, line) => `  line ${line} of what was said before`);
			const longer = { title: picture.title, lines: [...above, ...picture.lines, "", ""] };
			expect({ name, state: rules.find(longer)?.rule.state }).toEqual({ name, state } as never);
		}
	});
});
