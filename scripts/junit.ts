/** What Bun's JUnit report says of each test. */

export interface Case {
	/** With the groups that it stands in, outermost first: `group > test`. */
	name: string;
	passed: boolean;
}

/** A skipped test does not count. */
export function casesOf(xml: string): Case[] {
	const cases: Case[] = [];
	for (const [, attributes, empty, body] of xml.matchAll(
		/<testcase\b([^>]*?)(?:(\/)>|>([\s\S]*?)<\/testcase>)/g,
	)) {
		if (!empty && /<skipped\b/.test(body!)) continue;
		// Bun names the innermost group first.
		const groups = attribute(attributes!, "classname").split(" > ").filter(Boolean).reverse();
		const name = [...groups, attribute(attributes!, "name")].join(" > ");
		cases.push({ name, passed: !/<(?:failure|error)\b/.test(body ?? "") });
	}
	return cases;
}

function attribute(attributes: string, name: string): string {
	const [, value = ""] = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes) ?? [];
	return unescaped(value);
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
	return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
		code === undefined ? (entities[name!] ?? whole) : String.fromCodePoint(Number(code)),
	);
}
