/**
 * Places for streams that a window reads by itself. Browsers open six connections to a host (HTTP/1.1), shared by all windows; one is kept
 * by the events (event-feed.ts), and others must be left for everything else.
 */

/** Streams of all windows of this browser together. */
const PLACES = 3;

/** Gives the place back. */
export type Leave = () => void;

/**
 * A place, or null when none is free. Where pages may not lock (plain HTTP from another machine) nobody counts, and there always is one.
 */
export async function takePlace(): Promise<Leave | null> {
	const locks = navigator.locks as LockManager | undefined;
	if (locks === undefined) return () => {};
	for (let place = 0; place < PLACES; place++) {
		const leave = await takeLock(locks, `berth-stream-${place}`);
		if (leave !== null) return leave;
	}
	return null;
}

/** A lock is held until the promise of its callback settles. */
function takeLock(locks: LockManager, name: string): Promise<Leave | null> {
	return new Promise((taken, failed) => {
		locks
			.request(name, { ifAvailable: true }, (lock) => {
				if (lock === null) {
					taken(null);
					return undefined;
				}
				return new Promise<void>((leave) => taken(leave));
			})
			.catch(failed);
	});
}
