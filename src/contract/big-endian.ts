/**
 * Numbers of message headers, most significant byte first. By hand and not by a `DataView`, whose object and BigInts would be made for
 * every key that somebody types.
 */

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 24;
	bytes[at + 1] = value >>> 16;
	bytes[at + 2] = value >>> 8;
	bytes[at + 3] = value;
}

export function getUint32(bytes: Uint8Array, at: number): number {
	return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

const HIGH = 2 ** 32;

/** `value` is a whole number below 2^53. */
export function putUint64(bytes: Uint8Array, at: number, value: number): void {
	putUint32(bytes, at, Math.floor(value / HIGH));
	putUint32(bytes, at + 4, value);
}

/** Exact below 2^53. */
export function getUint64(bytes: Uint8Array, at: number): number {
	return getUint32(bytes, at) * HIGH + getUint32(bytes, at + 4);
}
