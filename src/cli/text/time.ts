/** Durations as people write and read them. */

const units: Record<string, number> = {
	ms: 1,
	s: 1000,
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
};

/** Milliseconds of `10s`, `1m30s`, `500ms`, `2h`, `1.5h`; a bare number is seconds, as for sleep(1). Null when it is none. */
export function parseDuration(text: string): number | null {
	if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
	if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
	let total = 0;
	for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
		total += Number(number) * units[unit!]!;
	}
	return Math.round(total);
}

/** The two greatest units, for a table: `12s`, `5m`, `3h 20m`, `2d 4h`. */
export function formatSpan(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 60) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}m`;
	const hours = Math.floor(minutes / 60);
	if (hours < 24) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
	const days = Math.floor(hours / 24);
	return hours % 24 === 0 ? `${days}d` : `${days}d ${hours % 24}h`;
}

/** Local date and time to the second: `2026-03-01 14:05:09`. */
export function formatTime(unixMs: number): string {
	const date = new Date(unixMs);
	const two = (number: number) => String(number).padStart(2, "0");
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
