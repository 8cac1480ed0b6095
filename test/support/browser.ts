/** The browser that tests and scripts drive: Debian's Chromium. Nothing of it may call home. */
import { type Browser, chromium } from "playwright-core";

/** As people have it. */
const WHOLE = "/usr/bin/chromium";

/** The same engine with pages and no windows, where a page takes half the processor time. It shows no notifications. */
const SHELL = "/usr/bin/chromium-headless-shell";

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

export interface BrowserOptions {
	/** With windows, and whatever comes with them. */
	whole?: boolean;
	/** Drawn by a graphics card, or by software in its place. */
	gpu?: boolean;
}

/** The caller closes it. */
export function launchBrowser({ whole = false, gpu = false }: BrowserOptions = {}): Promise<Browser> {
	const executablePath = process.env.CHROMIUM ?? (whole ? WHOLE : SHELL);
	return chromium.launch({ executablePath, args: gpu ? QUIET : [...QUIET, "--disable-gpu"] });
}
