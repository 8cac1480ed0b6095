/** One file of the web app, as it is served. Text is kept compressed only; what is compressed by nature is kept as it is. */

export interface WebAsset {
	type: string;
	/** The name holds the content's hash: it never changes. */
	immutable: boolean;
	/** Files that hold the content, by its encoding; text has `br` and `gzip`, everything else `identity`. */
	br?: string;
	gzip?: string;
	identity?: string;
}

const types: Record<string, string> = {
	html: "text/html; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	css: "text/css; charset=utf-8",
	svg: "image/svg+xml",
	png: "image/png",
	woff2: "font/woff2",
	wasm: "application/wasm",
	webmanifest: "application/manifest+json",
};

/** Vite puts eight characters of the hash before the extension. */
const HASHED = /-[\w-]{8}\.\w+$/;

const encodings = { br: "br", gz: "gzip" } as const;

/** What a file of web/dist is, by its path there: `/assets/x-1a2b3c4d.js.br` is `/assets/x-1a2b3c4d.js` in Brotli. */
export function webAsset(file: string, source: string): { path: string; asset: WebAsset } {
	const packed = /^(.*)\.(br|gz)$/.exec(file);
	const path = packed?.[1] ?? file;
	const encoding = packed ? encodings[packed[2] as keyof typeof encodings] : "identity";
	const type = types[path.slice(path.lastIndexOf(".") + 1)];
	if (type === undefined)
		throw new Error(`${file}: a kind of file that is not known; add it to src/daemon/web/asset.ts`);
	return { path, asset: { type, immutable: HASHED.test(path), [encoding]: source } };
}
