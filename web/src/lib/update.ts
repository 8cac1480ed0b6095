/** The app and its builds: the shell that opens without the daemon, and pages that are older than the daemon that serves them. */

export function keepUpToDate(): void {
	// Not before the page stands: what it keeps for later must not hold up what is shown now.
	addEventListener("load", () => void keepShell());
	// A page of an older build asks for a file that is no longer there: the new build is one reload away, if the daemon is there at all.
	addEventListener("vite:preloadError", () => void reloadIfServed());
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

async function reloadIfServed(): Promise<void> {
	const served = await fetch("/health").then(
		({ ok }) => ok,
		() => false,
	);
	if (served) location.reload();
}
