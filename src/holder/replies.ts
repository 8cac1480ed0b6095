/**
 * Who answers a program's questions to its terminal.
 *
 * The holder's own screen answers every query it understands, whoever is attached: the answer is then the same with no client, one,
 * or five of different makes, and it comes without a round trip. Attached terminals see the query in the output as well (output is
 * the journal's bytes, so nothing can be cut out of it) and answer too; those answers are taken out of their input here:
 *
 *   - For each answer that the holder gave, each writer that is sent the query owes one of the same kind, and that one is dropped.
 *   - Answers of kinds that the holder did not give (its screen does not know the query) pass from one client only, the lead.
 *
 * The cursor position report needs care: `CSI 1 ; 2 R` is also Shift-F3. Such an ambiguous sequence is taken for an answer only
 * while one is owed, and only for a short time; everything else that looks like an answer is never a key.
 */

/** Milliseconds in which an owed answer that could also be a key is believed to be an answer: a slow line's round trip. */
const AMBIGUOUS_WINDOW_MS = 2000;

/** Milliseconds in which any other owed answer is awaited. */
const PLAIN_WINDOW_MS = 60_000;

/** Answers remembered for clients that resume, and owed answers per client: a program that asks more at once is not asking. */
const REMEMBERED = 256;

const ESC = 0x1b;

/** Sequences of an answer's shape: CSI, and the string sequences OSC, DCS and APC with their end. Written over Latin-1. */
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/** A tail that may become such a sequence. Bounded, so that a client cannot make the holder keep much. */
const UNFINISHED = /\x1b(?:\[[0-?]{0,64}[ -/]{0,4}|[\]P_][^\x07\x1b]{0,4096}\x1b?)?$/;

type Shape = readonly [pattern: RegExp, kind: (match: RegExpExecArray) => string];

/** Kinds of answers. The first pattern that fits names the kind. Numbers from ctlseqs and the kitty keyboard protocol. */
const shapes: readonly Shape[] = [
	[/^\x1b\[(\?|>|=)[0-9;]*c$/, (m) => `da${m[1]}`],
	[/^\x1b\[[0-9]+;[0-9]+R$/, () => "cpr"],
	[/^\x1b\[\?[0-9;]+R$/, () => "decxcpr"],
	[/^\x1b\[[03]n$/, () => "dsr"],
	[/^\x1b\[\?([0-9]+)(;[0-9]+)*n$/, (m) => `dsr?${m[1]}`],
	[/^\x1b\[\??[0-9]+;[0-4]\$y$/, () => "decrpm"],
	[/^\x1b\[\?[0-9]+u$/, () => "kitty"],
	[/^\x1b\[([0-9]+)(;[0-9]+)+t$/, (m) => `window${m[1]}`],
	[/^\x1b\[[23];[0-9;]+x$/, () => "decreptparm"],
	[/^\x1b\](4|5);([0-9]+);/, (m) => `osc${m[1]};${m[2]}`],
	[/^\x1b\]([0-9]+|[lL])/, (m) => `osc${m[1]}`],
	[/^\x1bP>\|/, () => "xtversion"],
	[/^\x1bP!\|/, () => "da3"],
	[/^\x1bP[01]\$r/, () => "decrqss"],
	[/^\x1bP[01]\+r/, () => "xtgettcap"],
	[/^\x1bP/, () => "dcs"],
	[/^\x1b_/, () => "apc"],
];

/** The kind of answer that a whole sequence is; null for a key, a mouse report, a paste bracket. */
export function replyKind(sequence: string): string | null {
	for (const [pattern, kind] of shapes) {
		const match = pattern.exec(sequence);
		if (match) return kind(match);
	}
	return null;
}

/** F3 with modifiers has the shape of a report from row 1, columns 2 to 16 (xterm's modifier numbers, kitty's go further). */
function couldBeKey(sequence: string): boolean {
	const match = /^\x1b\[1;([0-9]+)R$/.exec(sequence);
	return match !== null && Number(match[1]) >= 2 && Number(match[1]) <= 256;
}

/** The kinds of all answers in what a screen wanted to write. */
export function replyKinds(bytes: Uint8Array): string[] {
	const kinds: string[] = [];
	for (const [sequence] of latin1(bytes).matchAll(SEQUENCE)) {
		const kind = replyKind(sequence);
		if (kind !== null) kinds.push(kind);
	}
	return kinds;
}

function latin1(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The answers that the holder gave lately, by the offset after their query: a client that resumes is shown those queries again. */
export class ReplyLog {
	#entries: { offset: number; kind: string }[] = [];

	add(offset: number, kinds: readonly string[]): void {
		for (const kind of kinds) this.#entries.push({ offset, kind });
		if (this.#entries.length > 2 * REMEMBERED) this.#entries = this.#entries.slice(-REMEMBERED);
	}

	/** Kinds of the answers to queries in the output's bytes `(from, to]`. */
	between(from: number, to: number): string[] {
		const kinds: string[] = [];
		for (const entry of this.#entries) if (entry.offset > from && entry.offset <= to) kinds.push(entry.kind);
		return kinds;
	}
}

/** What one writer's terminal owes, and its input without it. */
export class ReplyFilter {
	#owed: { kind: string; since: number }[] = [];
	#held = "";

	/** The client is being sent queries that the holder answered. */
	owe(kinds: readonly string[], now: number): void {
		for (const kind of kinds) this.#owed.push({ kind, since: now });
		if (this.#owed.length > REMEMBERED) this.#owed = this.#owed.slice(-REMEMBERED);
	}

	/** Input is being kept back because it may be the start of an answer; see {@link flush}. */
	get holding(): boolean {
		return this.#held !== "";
	}

	/** Nothing in the input can be an answer, or go on with one: it passes as it is. */
	ignores(bytes: Uint8Array): boolean {
		return this.#held === "" && !bytes.includes(ESC);
	}

	/**
	 * The input without the answers. `caughtUpAt` is when the client had last taken everything sent to it: until then it cannot
	 * have seen the query, so the windows count from there. `lead` lets answers pass that nobody owes.
	 *
	 * When the input ends inside a sequence and an answer is owed, the tail is kept for the next call; the caller must then call
	 * {@link flush} soon, because it may as well be a person pressing Escape.
	 */
	filter(bytes: Uint8Array, now: number, caughtUpAt: number, lead: boolean): Uint8Array {
		if (this.ignores(bytes)) return bytes;
		this.#expire(now, caughtUpAt);
		let text = this.#held + latin1(bytes);
		this.#held = "";
		if (this.#owed.length > 0 || !lead) {
			const tail = UNFINISHED.exec(text);
			if (tail) {
				this.#held = tail[0];
				text = text.slice(0, tail.index);
			}
		}
		const kept = text.replace(SEQUENCE, (sequence) =>
			this.#drops(sequence, now, caughtUpAt, lead) ? "" : sequence,
		);
		return Buffer.from(kept, "latin1");
	}

	/** What was kept back turned out to be a key, or the start of something that is none of ours. */
	flush(): Uint8Array {
		const bytes = Buffer.from(this.#held, "latin1");
		this.#held = "";
		return bytes;
	}

	#drops(sequence: string, now: number, caughtUpAt: number, lead: boolean): boolean {
		const kind = replyKind(sequence);
		if (kind === null) return false;
		const ambiguous = couldBeKey(sequence);
		const at = this.#owed.findIndex((debt) => debt.kind === kind);
		if (at === -1) return !lead && !ambiguous;
		if (ambiguous && now - Math.max(this.#owed[at]!.since, caughtUpAt) > AMBIGUOUS_WINDOW_MS) return false;
		this.#owed.splice(at, 1);
		return true;
	}

	#expire(now: number, caughtUpAt: number): void {
		if (this.#owed.length === 0) return;
		this.#owed = this.#owed.filter((debt) => now - Math.max(debt.since, caughtUpAt) <= PLAIN_WINDOW_MS);
	}
}
