/** The browser that tests and scripts drive: Debian's Chromium. Nothing of it may call home. */
import { type Browser, chromium } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Of Chromium's features. The last switch of this kind counts, so that those stand here which Playwright turns off by its own. */
const WITHOUT = [
	// A process that waits for the next page of another site.
	"SpareRendererForSitePerProcess",
	// The lists below the address bar: each window has a process that draws them, and takes twice the page's processor time to start.
	"WebUIOmniboxPopup",
	"WebUIOmniboxAimPopup",
	"AimEnabled",
	"AvoidCorsURLLoaderRestartOnRedirect",
	"AvoidUnnecessaryBeforeUnloadCheckSync",
	"DestroyProfileOnBrowserClose",
	"HttpsFirstBalancedModeAutoEnable",
	"HttpsUpgrades",
	"LensOverlay",
	"MediaRouter",
	"NetworkTimeServiceQuerying",
	"OptimizationHints",
	"PaintHolding",
	"PreconnectToSearch",
	"ThirdPartyStoragePartitioning",
];

const QUIET = [
	"--no-sandbox",
	// A second window of one person starts no process of its own, which halves what it costs.
	"--process-per-site",
	`--disable-features=${WITHOUT.join(",")}`,
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** Milliseconds that a page may take for anything: only a fault takes that long, or a machine that does much else. */
export const WAIT_MS = 60_000;

/** The caller closes it. Without `gpu` nothing is drawn by a graphics card, or by software in its place. */
export function launchBrowser({ gpu = false } = {}): Promise<Browser> {
	return chromium.launch({ executablePath: CHROMIUM, args: gpu ? QUIET : [...QUIET, "--disable-gpu"] });
}
