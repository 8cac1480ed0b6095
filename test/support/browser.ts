/** The browser that tests and scripts drive: Debian's Chromium. Nothing of it may call home. */
import { type Browser, chromium } from "playwright-core";

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const QUIET = [
	"--no-sandbox",
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
