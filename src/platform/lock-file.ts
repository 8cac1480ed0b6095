/** Files that one process at a time may hold. */
import { closeSync, fchmodSync, openSync } from "node:fs";
import { lockDescriptor } from "./libc.ts";

export interface FileLock {
	/** Gives the lock up. Idempotent. The file stays: removing it would let two owners lock two files of one name. */
	release(): void;
}

/**
 * Locks a file (made with 0600 when missing) for this process alone; null when another holds it, also when that is this process
 * by an earlier call. The descriptor is close-on-exec, so no child keeps the lock after its parent's death, however that dies.
 */
export function lockFile(path: string): FileLock | null {
	const fd = openSync(path, "a", 0o600);
	try {
		fchmodSync(fd, 0o600);
		if (lockDescriptor(fd)) return held(fd);
	} catch (error) {
		closeSync(fd);
		throw error;
	}
	closeSync(fd);
	return null;
}

function held(fd: number): FileLock {
	let open = true;
	return {
		release() {
			if (open) closeSync(fd);
			open = false;
		},
	};
}
