/**
 * Builds the web app into web/dist: `bun scripts/build-web.ts`. Text is kept as Brotli and gzip, packed once here as well as it goes,
 * instead of at every request. Nothing is done when nothing that the app is made of has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import manifest from "../package.json";

const root = resolve(import.meta.dir, "..");
const web = join(root, "web");
export const webDist = join(web, "dist");

/** Names the sources that web/dist was made from; beside it, because everything in it is served. */
const stampFile = join(root, "dist/.web-stamp");

/** What the app is made of: its own folder, what it imports of the project, and the versions of everything else. */
const sources = [
	"web/src",
	"web/public",
	"web/index.html",
	"web/vite.config.ts",
	"src/contract",
	"src/client",
];
const alsoSources = ["package.json", "bun.lock", "scripts/build-web.ts"];

/** The lockfile says what should be installed; what was built with is what is. */
const installed = Object.keys(manifest.devDependencies).map((name) => `node_modules/${name}/package.json`);

/** Hex digits that tell builds apart. */
const BUILD_NAME = 16;

const PACKED = /\.(html|js|css|svg|webmanifest|wasm)$/;

export async function buildWeb(): Promise<void> {
	const stamp = sourcesHash();
	if (
		existsSync(join(webDist, "index.html.br")) &&
		existsSync(stampFile) &&
		readFileSync(stampFile, "utf8") === stamp
	)
		return;
	await build({ root: web, configFile: join(web, "vite.config.ts"), logLevel: "warn" });
	await buildServiceWorker();
	for (const file of filesIn(webDist)) if (PACKED.test(file)) pack(file);
	writeFileSync(stampFile, stamp);
	const bytes = filesIn(webDist)
		.filter((file) => !file.endsWith(".gz"))
		.reduce((sum, file) => sum + statSync(file).size, 0);
	console.log(`web/dist  ${(bytes / 1e3).toFixed(0)} kB compressed`);
}

interface Chunk {
	file: string;
	css?: string[];
	assets?: string[];
	imports?: string[];
}

/** The worker that opens the app without the daemon, told what of this build it is to keep. */
async function buildServiceWorker(): Promise<void> {
	const folder = join(webDist, ".vite");
	const chunks = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Record<string, Chunk>;
	rmSync(folder, { recursive: true });
	const shell = new Set<string>();
	const keep = (name: string): void => {
		const { file, css = [], assets = [], imports = [] } = chunks[name]!;
		for (const path of [file, ...css, ...assets]) shell.add(`/${path}`);
		for (const imported of imports) keep(imported);
	};
	keep("index.html");
	const names = [...shell].sort();
	const build = createHash("sha256")
		.update(names.join("\n"))
		.update(readFileSync(join(webDist, "index.html")));
	const { success, logs } = await Bun.build({
		entrypoints: [join(web, "src/service-worker.ts")],
		outdir: webDist,
		naming: "sw.js",
		minify: true,
		define: { SHELL: JSON.stringify(names), BUILD: JSON.stringify(build.digest("hex").slice(0, BUILD_NAME)) },
	});
	if (!success) throw new AggregateError(logs, "the service worker does not build");
}

function pack(file: string): void {
	const content = readFileSync(file);
	const params = {
		[constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
		[constants.BROTLI_PARAM_SIZE_HINT]: content.length,
	};
	writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
	writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
	rmSync(file);
}

function sourcesHash(): string {
	const hash = createHash("sha256");
	for (const name of [...sources, ...alsoSources, ...installed]) {
		const path = join(root, name);
		if (!existsSync(path)) continue;
		for (const file of statSync(path).isDirectory() ? filesIn(path) : [path]) {
			hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
		}
	}
	return hash.digest("hex");
}

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}

if (import.meta.main) await buildWeb();
