/**
 * Build plugin: replaces src/platform/native-assets.ts by a module that embeds the native libraries of one target.
 *
 *   await Bun.build({ …, plugins: [nativePlugin("linux-x64-musl")] })
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BunPlugin } from "bun";
import { contentHash } from "../src/platform/native.ts";
import { type NativeFile, type NativeTarget, nativeFiles } from "../src/platform/native-files.ts";

/** Hexadecimal digits of the SHA-256 that name a cache folder: 64 bits, plenty to tell versions apart. */
const DIGEST_LENGTH = 16;

const nodeModules = resolve(import.meta.dir, "../node_modules");

export function nativePlugin(target: NativeTarget): BunPlugin {
	return {
		name: "native-assets",
		setup(build) {
			build.onLoad({ filter: /[\\/]src[\\/]platform[\\/]native-assets\.ts$/ }, () => ({
				loader: "ts",
				contents: embeddingModule(target),
			}));
		},
	};
}

/** Source of the module; the imports give each file's path in the executable. */
export function embeddingModule(target: NativeTarget): string {
	const { ghostty, bunPty } = nativeFiles(target);
	const imports: string[] = [];
	const library = (files: readonly NativeFile[] | null): string => {
		if (!files) return "null";
		const whole = createHash("sha256");
		const entries = files.map((file) => {
			const path = resolve(nodeModules, file.from);
			const content = readFileSync(path);
			whole.update(`${file.name}\0${content.length}\0`).update(content);
			const source = `file${imports.length}`;
			imports.push(`import ${source} from ${JSON.stringify(path)} with { type: "file" };`);
			return `{ name: ${JSON.stringify(file.name)}, source: ${source}, bytes: ${content.length}, hash: "${contentHash(path)}" }`;
		});
		return `{ digest: "${whole.digest("hex").slice(0, DIGEST_LENGTH)}", files: [${entries.join(", ")}] }`;
	};
	const assets = `{ ghostty: ${library(ghostty)}, bunPty: ${library([bunPty])} }`;
	return `${imports.join("\n")}\nconst assets = ${assets};\nexport const nativeAssets = () => assets;\n`;
}
