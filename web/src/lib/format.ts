/** Facts as people read them. Pure. */
import type { Exit } from "../../../src/contract/state.ts";

/** `now`, `12s`, `5m`, `3h`, `6d`: one unit, for columns. */
export function ago(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 5) return "now";
	if (seconds < 60) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}m`;
	const hours = Math.floor(minutes / 60);
	if (hours < 48) return `${hours}h`;
	return `${Math.floor(hours / 24)}d`;
}

/** `340 ms`, `1.2 s`, `4 min 12 s`, `2 h 5 min`. */
export function duration(ms: number): string {
	if (ms < 1000) return `${Math.round(ms)} ms`;
	const seconds = ms / 1000;
	if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(count: number): string {
	if (count < 1000) return `${count} B`;
	if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
	return `${(count / 1e6).toFixed(1)} MB`;
}

/** The end of a path says most: the home folder becomes `~`. */
export function shortPath(path: string, home: string | null): string {
	if (home !== null && (path === home || path.startsWith(`${home}/`))) return `~${path.slice(home.length)}`;
	return path;
}

/** `exit 1`, `SIGKILL`, and why when it did not end by itself. */
export function exitText(exit: Exit): string {
	const how = exit.signal !== null ? `SIG${exit.signal}` : exit.code !== null ? `exit ${exit.code}` : "";
	if (exit.reason === "exited") return how === "" ? "ended" : how;
	if (exit.reason === "lost") return "lost";
	return how === "" ? exit.reason : `${exit.reason} · ${how}`;
}

/** Whether it ended as somebody wanted it to. */
export function endedWell(exit: Exit | null): boolean {
	if (exit === null) return true;
	if (exit.reason === "exited") return exit.code === 0;
	return (
		exit.reason === "closed" ||
		exit.reason === "killed" ||
		exit.reason === "idle" ||
		exit.reason === "stopped"
	);
}

const clock = new Intl.DateTimeFormat(undefined, {
	hour: "2-digit",
	minute: "2-digit",
	second: "2-digit",
	hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const timeOfDay = (at: number): string => clock.format(at);
export const dayOf = (at: number): string => day.format(at);
export const dateAndTime = (at: number): string => full.format(at);

/** argv as a person would type it; for the eye, never for a shell. */
export function commandText(argv: readonly string[]): string {
	return argv
		.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
		.join(" ");
}

export function plural(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}
