/** The app and its builds: the shell that opens without the daemon, and pages that are older than the daemon that serves them. */
import { sentence } from "./api/errors.ts";
import { toasts } from "./stores/toasts.svelte.ts";

declare global {
	interface WindowEventMap {
		/** Vite's, when a part of the page could not be loaded. */
		"vite:preloadError": Event & { payload: Error };
	}
}

/** Milliseconds after a reload in which another one would help no more than that. */
const RELOADED_MS = 10_000;

export function keepUpToDate(): void {
	// Not before the page stands: what it keeps for later must not hold up what is shown now.
	addEventListener("load", () => void keepShell());
	// A page of an older build asks for a file that is no longer there: the new build is one reload away, if the daemon is there at all.
	window.addEventListener("vite:preloadError", ({ payload }) => void reloadIfServed(payload));
}

/** Pages of addresses that the browser does not trust (plain HTTP from another machine) cannot; they only open with the daemon. */
async function keepShell(): Promise<void> {
	const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
	try {
		await workers?.register("/sw.js");
	} catch (error) {
		console.info("berth: the app will not open while the daemon is away", error);
	}
}

async function reloadIfServed(failure: Error): Promise<void> {
	const served = await fetch("/health").then(
		({ ok }) => ok,
		() => false,
	);
	if (!served) return;
	if (wasJustReloaded()) toasts.failed(`A part of this page cannot be loaded: ${sentence(failure)}`);
	else location.reload();
}

function wasJustReloaded(): boolean {
	const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
	return navigation?.type === "reload" && performance.now() < RELOADED_MS;
}
