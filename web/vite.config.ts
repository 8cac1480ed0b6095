import { svelte, vitePreprocess } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Kilobytes: the terminal's own chunk, which is loaded with the first terminal and not before. */
const LARGEST_CHUNK_KB = 800;

export default defineConfig({
	root: import.meta.dirname,
	plugins: [svelte({ configFile: false, preprocess: vitePreprocess() })],
	build: {
		outDir: "dist",
		emptyOutDir: true,
		// Read by scripts/build-web.ts, which then takes it away: what the page needs before anything is loaded later.
		manifest: true,
		target: "es2024",
		// Nothing inside scripts or styles as data: the policy of the page allows neither fonts nor scripts from there.
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: LARGEST_CHUNK_KB,
	},
});
