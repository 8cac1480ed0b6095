/** Opens an address in the user's browser, where there is one. */

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
	linux: ["xdg-open"],
	darwin: ["open"],
	win32: ["cmd", "/c", "start", ""],
};

/** Whether a program took the address. Over SSH and without a display there is nobody to show it to. */
export function openBrowser(url: string, env: Record<string, string | undefined>): boolean {
	const argv = openers[process.platform];
	if (!argv || env.SSH_CONNECTION) return false;
	if (process.platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) return false;
	if (Bun.which(argv[0]!) === null) return false;
	Bun.spawn([...argv, url], { stdio: ["ignore", "ignore", "ignore"], detached: true }).unref();
	return true;
}
