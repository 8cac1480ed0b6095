/** A path with the home folder as ~, the way a prompt shows it. */
export function tildePath(path: string, home: string | undefined): string {
	if (!home || home === "/") return path;
	if (path === home) return "~";
	return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
