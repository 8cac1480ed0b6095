/**
 * Opens the app when the daemon is away: the page itself and what it needs before a terminal opens are kept by the browser. Pages are
 * asked from the daemon first, so that a new build is shown as soon as it is there; files whose names hold their content's hash are
 * asked for once. Each build has a cache of its own, and the one before goes when the new one takes over.
 */
/// <reference lib="webworker" />
import { pageOf } from "./lib/pages.ts";

/** Put in by scripts/build-web.ts: what to keep, and a name for it that changes with it. */
declare const SHELL: readonly string[];
declare const BUILD: string;
declare const self: ServiceWorkerGlobalScope;

const PREFIX = "berth-";
const CACHE = PREFIX + BUILD;

/** The name holds the content's hash (src/daemon/web/asset.ts): it never changes. */
const HASHED = /^\/assets\/.*-[\w-]{8}\.\w+$/;

/** What stands between us and a daemon that is away answers so. */
const AWAY: readonly number[] = [502, 503, 504];

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
	const { request } = event;
	const { origin, pathname, search } = new URL(request.url);
	if (request.method !== "GET" || origin !== location.origin) return;
	if (HASHED.test(pathname)) event.respondWith(kept(request));
	else if (request.mode === "navigate" && pageOf(pathname, search).name !== "unknown")
		event.respondWith(page(request));
});

async function install(): Promise<void> {
	const cache = await caches.open(CACHE);
	// The page as it is now, whatever the browser remembers of it.
	await cache.add(new Request("/", { cache: "reload" }));
	await cache.addAll(SHELL);
	await self.skipWaiting();
}

async function takeOver(): Promise<void> {
	const names = await caches.keys();
	const before = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
	await Promise.all(before.map((name) => caches.delete(name)));
	await self.clients.claim();
}

/** Every page is the same file: the address says what it shows. */
async function page(request: Request): Promise<Response> {
	const shell = () => caches.match("/", { cacheName: CACHE });
	try {
		const response = await fetch(request);
		return AWAY.includes(response.status) ? ((await shell()) ?? response) : response;
	} catch (error) {
		const known = await shell();
		if (known) return known;
		throw error;
	}
}

async function kept(request: Request): Promise<Response> {
	const cache = await caches.open(CACHE);
	const known = await cache.match(request);
	if (known) return known;
	const response = await fetch(request);
	if (response.ok) await cache.put(request, response.clone());
	return response;
}
