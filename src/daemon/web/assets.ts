/**
 * The web app's files. This is the checkout's answer: what `bun scripts/build-web.ts` made in web/dist, read when it is asked for. A
 * build of the executable puts another module here (scripts/web-plugin.ts) that embeds those files.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type WebAsset, webAsset } from "./asset.ts";

const dist = resolve(import.meta.dir, "../../../web/dist");

/** By path (`/index.html`, `/assets/…`); null while there is no build. */
export function webAssets(): ReadonlyMap<string, WebAsset> | null {
	if (!existsSync(dist)) return null;
	const files = readdirSync(dist, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
	const assets = new Map<string, WebAsset>();
	for (const file of files) {
		const { path, asset } = webAsset(file.slice(dist.length), file);
		assets.set(path, { ...assets.get(path), ...asset });
	}
	return assets.has("/index.html") ? assets : null;
}
