/** Values that this browser remembers. A browser that refuses storage (private windows, full disks) only forgets sooner. */

const PREFIX = "berth.";

export function remembered<T>(name: string, initial: T, accepts: (value: unknown) => value is T): T {
	try {
		const text = localStorage.getItem(PREFIX + name);
		if (text === null) return initial;
		const value: unknown = JSON.parse(text);
		return accepts(value) ? value : initial;
	} catch (error) {
		if (error instanceof SyntaxError || error instanceof DOMException) return initial;
		throw error;
	}
}

export function remember(name: string, value: unknown): void {
	try {
		localStorage.setItem(PREFIX + name, JSON.stringify(value));
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
	}
}

export function forget(name: string): void {
	try {
		localStorage.removeItem(PREFIX + name);
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
	}
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === "string";
export const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
