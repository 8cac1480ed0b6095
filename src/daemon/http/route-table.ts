/** Which methods a path takes, for the answer to one that it does not. */

interface RouteLike {
	method: string;
	path: string;
}

export function allowedMethods(routes: readonly RouteLike[], pathname: string): string[] {
	const segments = pathname.split("/");
	const methods = routes.filter(({ path }) => matches(path.split("/"), segments)).map(({ method }) => method);
	return [...new Set(methods)].sort();
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
	if (pattern.length !== segments.length) return false;
	return pattern.every((part, at) => (part.startsWith(":") ? segments[at] !== "" : part === segments[at]));
}
