/** Which links of a text that somebody else wrote may be followed. */

const SCHEMES = new Set(["https:", "http:", "mailto:"]);

/** The address, or null for one that could run a script or reads a file. */
export function safeLink(href: string): string | null {
	try {
		return SCHEMES.has(new URL(href).protocol) ? href : null;
	} catch {
		// A relative address would lead to a page of ours that the writer cannot know.
		return null;
	}
}
