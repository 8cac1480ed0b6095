/**
 * Marks: what an integrated shell tells the terminal, as OSC sequences that terminals ignore or use for their own navigation.
 *
 *   OSC 133 ; A ; berth=NONCE:SEQ            the prompt starts
 *   OSC 133 ; A ; k=s ; berth=NONCE          a continuation prompt starts (PS2)
 *   OSC 133 ; B ; berth=NONCE:SHOWN          the prompt ends, the line editor reads; SHOWN counts the prompts shown (bash only)
 *   OSC 633 ; E ; LINE ; NONCE               the command line, escaped
 *   OSC 133 ; C ; berth=NONCE:SEQ            the output starts
 *   OSC 133 ; D ; STATUS ; berth=NONCE:SEQ   the output ended; zsh adds `eol=HEX`, the mark it prints after an unfinished line
 *   OSC 633 ; P ; Cwd=PATH ; NONCE           the shell's directory, escaped
 *   OSC 633 ; P ; BerthRun=NONCE:ID:TYPED    the shell took a run's text; TYPED is 1 when it put a half-typed line
 *                                            aside; `unfinished` or `invalid`: why it did not take the text
 *
 * OSC 133 is FinalTerm's and OSC 633 VS Code's; `berth=` is an option of ours, which both allow. SEQ counts prompts: the marks of one
 * command carry one number, so marks that are replayed (a journal printed with cat) are old and mean nothing.
 *
 * A mark without the nonce means nothing either, with one exception: B, which then only says that a prompt that was announced with
 * the nonce can be typed at. It stands in PS1, and children inherit an exported PS1.
 */

export type RefusedText = "unfinished" | "invalid";

export type Mark =
	| { kind: "prompt"; seq: number }
	| { kind: "ready"; shown: number | null }
	| { kind: "continuation"; trusted: boolean }
	| { kind: "line"; command: string }
	| { kind: "start"; seq: number }
	| { kind: "end"; seq: number; exitCode: number; eol: string }
	| { kind: "cwd"; cwd: string; trusted: boolean }
	| { kind: "loaded"; id: string; typed: boolean; refused: RefusedText | null };

/** What an OSC must start with to be worth reading to its end. */
export const markPrefixes = ["133;", "633;", "7;"] as const;

/** Exit statuses are one byte; zsh and fish know no other. */
const STATUS = /^\d{1,3}$/;

/** Reads the text between `ESC ]` and its terminator; null when it is not a mark of ours. */
export function parseMark(payload: string, nonce: string | null): Mark | null {
	const [code, kind, ...rest] = payload.split(";");
	if (code === "7") return directoryFromUrl(payload.slice(2));
	if (kind === undefined) return null;
	if (code === "133") return parsePromptMark(kind, rest, nonce);
	if (code === "633") return parseProperty(kind, rest, nonce);
	return null;
}

function parsePromptMark(kind: string, rest: string[], nonce: string | null): Mark | null {
	const seq = trustedSeq(rest, nonce);
	if (kind === "B") return { kind: "ready", shown: seq };
	if (kind === "A" && rest.includes("k=s")) return { kind: "continuation", trusted: seq !== null };
	if (seq === null) return null;
	if (kind === "A") return { kind: "prompt", seq };
	if (kind === "C") return { kind: "start", seq };
	const status = rest[0];
	if (kind !== "D" || status === undefined || !STATUS.test(status)) return null;
	return { kind: "end", seq, exitCode: Number(status), eol: fromHex(option(rest, "eol") ?? "") };
}

function parseProperty(kind: string, rest: string[], nonce: string | null): Mark | null {
	const last = rest.at(-1);
	if (kind === "E") {
		return nonce !== null && last === nonce ? { kind: "line", command: unescapeValue(rest[0] ?? "") } : null;
	}
	const property = rest[0];
	if (kind !== "P" || property === undefined) return null;
	if (property.startsWith("Cwd=")) {
		return { kind: "cwd", cwd: unescapeValue(property.slice(4)), trusted: nonce !== null && last === nonce };
	}
	const [given, id, typed] = (option(rest, "BerthRun") ?? "").split(":");
	if (nonce === null || given !== nonce || id === undefined) return null;
	const refused = typed === "unfinished" || typed === "invalid" ? typed : null;
	return { kind: "loaded", id, typed: typed === "1", refused };
}

/** The prompt's number from `berth=NONCE:SEQ`; null without the nonce. A continuation prompt carries no number. */
function trustedSeq(options: string[], nonce: string | null): number | null {
	const [given, seq] = (option(options, "berth") ?? "").split(":");
	return nonce !== null && given === nonce ? Number(seq ?? 0) : null;
}

function option(options: string[], name: string): string | undefined {
	return options.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** OSC 7: `file://host/path`. A path that is not valid percent-encoding is taken as it stands, as terminals do. */
function directoryFromUrl(url: string): Mark | null {
	const path = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/.*)$/i.exec(url)?.[1];
	if (path === undefined) return null;
	let cwd = path;
	try {
		cwd = decodeURIComponent(path);
	} catch (error) {
		if (!(error instanceof URIError)) throw error;
	}
	return { kind: "cwd", cwd, trusted: false };
}

/** Undoes the escaping of OSC 633: `\\` is a backslash, `\xHH` a byte below 128. */
export function unescapeValue(value: string): string {
	return value.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/g, (_, hex: string | undefined) =>
		hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
	);
}

function fromHex(hex: string): string {
	return Buffer.from(hex, "hex").toString("utf8");
}
