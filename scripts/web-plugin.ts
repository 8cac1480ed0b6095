/** Build plugin: replaces src/daemon/web/assets.ts by a module that embeds every file of web/dist. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";
import { type WebAsset, webAsset } from "../src/daemon/web/asset.ts";

export function webPlugin(dist: string): BunPlugin {
	return {
		name: "web-assets",
		setup(build) {
			build.onLoad({ filter: /[\\/]src[\\/]daemon[\\/]web[\\/]assets\.ts$/ }, () => ({
				loader: "ts",
				contents: embeddingModule(dist),
			}));
		},
	};
}

/** Source of the module; the imports give each file's path in the executable. */
function embeddingModule(dist: string): string {
	const imports: string[] = [];
	const assets = new Map<string, WebAsset>();
	for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const file = join(entry.parentPath, entry.name);
		const name = `file${imports.length}`;
		imports.push(`import ${name} from ${JSON.stringify(file)} with { type: "file" };`);
		const { path, asset } = webAsset(file.slice(dist.length).replaceAll("\\", "/"), name);
		assets.set(path, { ...assets.get(path), ...asset });
	}
	const entries = [...assets].map(([path, { type, immutable, ...files }]) => {
		const sources = Object.entries(files).map(([encoding, name]) => `${encoding}: ${name}`);
		return `[${JSON.stringify(path)}, { type: ${JSON.stringify(type)}, immutable: ${immutable}, ${sources.join(", ")} }]`;
	});
	return `${imports.join("\n")}\nconst assets = new Map([${entries.join(",\n")}]);\nexport const webAssets = () => assets;\n`;
}
