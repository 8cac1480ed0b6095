/**
 * Checks that imports only run downwards:
 *
 *   main → cli, daemon, holder → link, journal, store, client, terminal → platform → contract
 *
 * The three roles know nothing of each other: they meet in the contract and on sockets. `store` belongs to the daemon alone;
 * `contract` and `client` use Web-standard code only, so that they run in browsers, Node and Deno as well. The web app sees these two,
 * and of the daemon its type.
 */
import { Glob } from "bun";

const root = `${import.meta.dir}/../src`;

/** What each folder may import besides itself. */
const allowed: Record<string, readonly string[]> = {
	contract: [],
	platform: ["contract"],
	client: ["contract"],
	link: ["contract"],
	journal: ["contract", "platform"],
	terminal: ["contract", "platform"],
	store: ["contract", "platform"],
	holder: ["contract", "platform", "link", "journal", "terminal"],
	daemon: ["contract", "platform", "link", "journal", "store"],
	cli: ["contract", "platform", "client", "link", "journal", "terminal"],
};

/** Eden derives the client's types from the daemon's app; the import is erased when compiled. */
const typeOnly = new Set(["cli/api.ts → daemon/app.ts"]);

const WEB_ONLY = new Set(["contract", "client"]);
const IMPORT =
	/^\s*(import|export)\s+(type\s)?[^"';]*?from\s*"([^"]+)"|\bimport\("([^"]+)"\)|^\s*import\s+"([^"]+)"/gm;

const faults: string[] = [];
for (const file of new Glob("**/*.ts").scanSync(root)) {
	const folder = file.split("/")[0]!;
	const isTest = file.endsWith(".test.ts");
	const text = await Bun.file(`${root}/${file}`).text();
	if (!file.includes("/")) continue;
	if (!(folder in allowed))
		faults.push(`src/${folder}: a folder that the layers do not know; add it to scripts/check-layers.ts`);
	if (WEB_ONLY.has(folder) && !isTest && /\bBun\.|\bprocess\.|\bBuffer\./.test(stripComments(text))) {
		faults.push(`src/${file}: uses Bun or Node globals; ${folder} is Web-standard code`);
	}
	for (const match of text.matchAll(IMPORT)) {
		const specifier = match[3] ?? match[4] ?? match[5]!;
		if (!specifier.startsWith(".")) {
			if (WEB_ONLY.has(folder) && !isTest && /^(bun|node:)/.test(specifier)) {
				faults.push(`src/${file}: imports ${specifier}; ${folder} is Web-standard code`);
			}
			continue;
		}
		const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
		const targetFolder = target.split("/")[0]!;
		if (target === "main.ts") faults.push(`src/${file}: imports main.ts; nobody does`);
		if (!(targetFolder in allowed) || targetFolder === folder) continue;
		const erased = match[2] !== undefined && typeOnly.has(`${file} → ${target}`);
		if (!erased && !allowed[folder]?.includes(targetFolder)) {
			faults.push(
				`src/${file}: imports ${target}; ${folder} may import ${allowed[folder]?.join(", ") || "nothing"}`,
			);
		}
	}
}

/** What the web app may import of the project, and what of it as a type only. */
const forWeb = /^src\/(contract|client)\//;
const webTypes = new Set(["src/daemon/app.ts"]);

for (const file of new Glob("src/**/*.{ts,svelte}").scanSync(`${root}/../web`)) {
	const text = await Bun.file(`${root}/../web/${file}`).text();
	for (const [, , typeOnlyImport, from, dynamic, effect] of text.matchAll(IMPORT)) {
		const specifier = from ?? dynamic ?? effect!;
		const target = specifier.startsWith(".")
			? new URL(specifier, `file:///web/${file}`).pathname.slice(1)
			: null;
		if (target === null || target.startsWith("web/") || forWeb.test(target)) continue;
		if (typeOnlyImport !== undefined && webTypes.has(target)) continue;
		faults.push(`web/${file}: imports ${target}; the web app may import src/contract and src/client`);
	}
}

function stripComments(source: string): string {
	return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log("imports run downwards");
