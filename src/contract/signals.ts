/** Signals that a caller may send, by their POSIX names without `SIG`. */
export const signalNames = [
	"HUP",
	"INT",
	"QUIT",
	"KILL",
	"USR1",
	"USR2",
	"TERM",
	"CONT",
	"STOP",
	"TSTP",
	"TTIN",
	"TTOU",
	"WINCH",
	"ALRM",
] as const;
export type SignalName = (typeof signalNames)[number];

/** Signal numbers that POSIX systems agree on, for `128 + N`. */
const numbers: Record<string, number> = {
	HUP: 1,
	INT: 2,
	QUIT: 3,
	ILL: 4,
	TRAP: 5,
	ABRT: 6,
	FPE: 8,
	KILL: 9,
	SEGV: 11,
	PIPE: 13,
	ALRM: 14,
	TERM: 15,
};

/** Linux numbers of the signals that systems number differently; used only to report an exit status. */
const linuxNumbers: Record<string, number> = {
	BUS: 7,
	USR1: 10,
	USR2: 12,
	STKFLT: 16,
	CHLD: 17,
	CONT: 18,
	STOP: 19,
	TSTP: 20,
	TTIN: 21,
	TTOU: 22,
	URG: 23,
	XCPU: 24,
	XFSZ: 25,
	VTALRM: 26,
	PROF: 27,
	WINCH: 28,
	IO: 29,
	PWR: 30,
	SYS: 31,
};

/** The number of a signal by its name, with or without `SIG`. */
export function signalNumber(name: string): number | undefined {
	const short = name.replace(/^SIG/, "");
	return numbers[short] ?? linuxNumbers[short];
}

/** The name, without `SIG`, of a signal by its number. */
export function signalName(number: number): string | undefined {
	for (const table of [numbers, linuxNumbers]) {
		for (const [name, value] of Object.entries(table)) if (value === number) return name;
	}
	return undefined;
}
