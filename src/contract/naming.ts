/** Names for what the user did not name. */
import { checkName, NAME_LIMIT, reservedNames } from "./names.ts";

/** Room that is kept in a name for the `-2` that makes it unique. */
const SUFFIX_ROOM = 6;

/** A name made of any text: `api` of "/home/me/api", `my-app` of "My App". `fallback` when nothing of it can be used. */
export function nameFrom(text: string, fallback: string): string {
	const cleaned = text
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
		.replace(/^[^\p{L}]+/u, "")
		.replace(/^([sw])_/, "$1-")
		.slice(0, NAME_LIMIT - SUFFIX_ROOM)
		.replace(/[-._]+$/, "");
	return cleaned === "" ? fallback : cleaned;
}

/** `base`, or `base-2`, `base-3`, …: the first that may be used and is not taken. */
export function uniqueName(base: string, taken: (name: string) => boolean): string {
	for (let count = 1; ; count++) {
		const name = count === 1 ? base : `${base}-${count}`;
		if (!reservedNames.has(name) && !taken(name)) return checkName(name);
	}
}
