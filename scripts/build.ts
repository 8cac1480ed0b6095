/**
 * Builds the executable: `bun scripts/build.ts` for this machine into dist/berth, `--all` for every target into
 * dist/berth-VERSION-TARGET with SHA256SUMS beside them. `--outdir DIR` replaces dist, `--outfile PATH` names this machine's file.
 *
 * Splitting keeps each role in a chunk of its own, so that a role loads only what it runs; bytecode spares it the parsing. Measured:
 * `berth version` starts in 4 ms and 15 MB this way, in 20 ms and 28 MB without.
 */
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Build } from "bun";
import { VERSION } from "../src/contract/version.ts";
import { runningTarget } from "../src/platform/native-assets.ts";
import { type NativeTarget, nativeTargets } from "../src/platform/native-files.ts";
import { buildWeb, webDist } from "./build-web.ts";
import { nativePlugin } from "./native-plugin.ts";
import { webPlugin } from "./web-plugin.ts";

const root = resolve(import.meta.dir, "..");

/** Bun's name of a target; its x64 builds without AVX2 requirement run on any x64 machine. */
const bunTargets: Record<NativeTarget, Build.CompileTarget> = {
	"linux-x64-glibc": "bun-linux-x64-baseline",
	"linux-arm64-glibc": "bun-linux-arm64",
	"linux-x64-musl": "bun-linux-x64-musl-baseline" as Build.CompileTarget,
	"linux-arm64-musl": "bun-linux-arm64-musl",
	"darwin-x64": "bun-darwin-x64",
	"darwin-arm64": "bun-darwin-arm64",
	"windows-x64": "bun-windows-x64",
};

/**
 * Files that the runtime would look for in whatever folder the executable is called from: a project's `.env` would become berth's
 * environment, and its `bunfig.toml` could run code in it.
 */
const ignoredFiles = {
	autoloadBunfig: false,
	autoloadDotenv: false,
	autoloadTsconfig: false,
	autoloadPackageJson: false,
} as const;

/**
 * How many times longer than usual a function runs before it is compiled to machine code. Starting compiles much that then never runs again:
 * with 20, `berth ls` takes a fifth less processor time, the daemon keeps 6 MB less for good, and after some thousand requests it is as fast
 * as with 1. Holders and attach go back to 1 when they come to what runs on and on (platform/compiling.ts).
 */
const JIT_POLICY = 20;

/** `bunTarget` absent: the Bun that runs this script becomes the executable's runtime, with nothing to download. */
async function build(target: NativeTarget, outfile: string, bunTarget?: Build.CompileTarget): Promise<void> {
	const started = performance.now();
	// Built beside its place and renamed: a running berth keeps the file it started from, and never sees half of the new one.
	const temporary = `${outfile}.${process.pid}.new${target.startsWith("windows") ? ".exe" : ""}`;
	const result = await Bun.build({
		entrypoints: [join(root, "src/main.ts")],
		compile: {
			...(bunTarget && { target: bunTarget }),
			outfile: temporary,
			jitPolicy: JIT_POLICY,
			...ignoredFiles,
		},
		format: "esm",
		splitting: true,
		bytecode: true,
		minify: true,
		plugins: [nativePlugin(target), webPlugin(webDist)],
	});
	if (!result.success) {
		rmSync(temporary, { force: true });
		throw new AggregateError(result.logs, `building ${target} failed`);
	}
	renameSync(temporary, outfile);
	const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
	console.log(
		`${outfile.replace(`${root}/`, "")}  ${megabytes} MB  ${((performance.now() - started) / 1000).toFixed(1)} s`,
	);
}

async function sha256(file: string): Promise<string> {
	const hash = createHash("sha256");
	for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
	return hash.digest("hex");
}

const { values } = parseArgs({
	options: { all: { type: "boolean" }, outfile: { type: "string" }, outdir: { type: "string" } },
});
const dist = resolve(values.outdir ?? join(root, "dist"));
mkdirSync(dist, { recursive: true });
await buildWeb();

if (values.all) {
	const sums: string[] = [];
	for (const target of nativeTargets) {
		const file = join(dist, `berth-${VERSION}-${target}${target.startsWith("windows") ? ".exe" : ""}`);
		await build(target, file, bunTargets[target]);
		sums.push(`${await sha256(file)}  ${basename(file)}`);
	}
	writeFileSync(join(dist, "SHA256SUMS"), `${sums.join("\n")}\n`);
	console.log(join(dist, "SHA256SUMS").replace(`${root}/`, ""));
} else {
	const target = runningTarget();
	if (!target) throw new Error(`there is no build for ${process.platform} ${process.arch}`);
	await build(target, resolve(values.outfile ?? join(dist, "berth")));
}
