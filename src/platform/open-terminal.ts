/** Terminals, opened once more: whoever gave us a descriptor would find it closed, or not blocking any more, when that is done to ours. */
import { constants, openSync } from "node:fs";

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK, O_NOCTTY } = constants;

const ways = { read: O_RDONLY, write: O_WRONLY, both: O_RDWR } as const;

/**
 * A descriptor that never blocks and makes the terminal nobody's controlling one; null when it may not be opened: there is no /proc, or
 * it is another user's (su), or one of another container.
 */
export function openTerminalFile(path: string, way: keyof typeof ways): number | null {
	try {
		return openSync(path, ways[way] | O_NONBLOCK | O_NOCTTY);
	} catch {
		return null;
	}
}
