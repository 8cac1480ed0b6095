/**
 * Reading what an agent sent: JSON of which nothing is certain. A reader gives what is there in the form asked for, or nothing; those
 * that must have something throw a Garbled, which becomes a notice and never more.
 */

export type Json = Record<string, unknown>;

/** A message that is not what its protocol says. */
export class Garbled extends Error {}

export function isJson(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function jsonOf(value: unknown): Json {
	return isJson(value) ? value : {};
}

/** The objects of a list; what else is in it is left out. */
export function listOf(value: unknown): Json[] {
	return Array.isArray(value) ? value.filter(isJson) : [];
}

export function textOf(value: unknown): string | null {
	return typeof value === "string" ? value : null;
}

export function numberOf(value: unknown): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** One of the words, or nothing. */
export function wordOf<T extends string>(words: readonly T[], value: unknown): T | null {
	return words.find((word) => word === value) ?? null;
}

/** Throws Garbled, which says what is missing. */
export function needJson(value: unknown, what: string): Json {
	if (!isJson(value)) throw new Garbled(`${what} is missing`);
	return value;
}

/** Throws Garbled, which says what is missing. */
export function needText(value: unknown, what: string): string {
	if (typeof value !== "string") throw new Garbled(`${what} is missing`);
	return value;
}
