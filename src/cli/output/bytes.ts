/** Filters over output as it streams: a sequence that a piece cuts is kept until its rest comes. */

const CR = 0x0d;
const LF = 0x0a;

/** Undoes the terminal driver's ONLCR: `\r\n` becomes the `\n` that the program wrote. Every other byte stays. */
export class LineEnds {
	#heldReturn = false;

	push(bytes: Uint8Array): Uint8Array {
		if (!this.#heldReturn && bytes.indexOf(CR) === -1) return bytes;
		const out = new Uint8Array(bytes.length + 1);
		let length = 0;
		let held = this.#heldReturn;
		for (const byte of bytes) {
			if (held && byte !== LF) out[length++] = CR;
			held = byte === CR;
			if (!held) out[length++] = byte;
		}
		this.#heldReturn = held;
		return out.subarray(0, length);
	}

	/** What is left at the end. */
	end(): Uint8Array {
		return this.#heldReturn ? Uint8Array.of(CR) : new Uint8Array(0);
	}
}

/** Sequences of ECMA-48 that have their end; SGR (`CSI … m`) is told from the others by its group. */
const SEQUENCE =
	/\x1b\[[0-9;:]*(m)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~]|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/g;

/** The start of a sequence at the very end, bounded: a string that never ends must not swallow the output. */
const UNFINISHED = /\x1b(?:\[[0-?]{0,64}[ -/]{0,4}|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]{0,4})?$/;

/**
 * Output that is safe to show on somebody's terminal: text, tabs, line feeds and carriage returns, and colours if `colours` says so. What would
 * move the cursor, switch modes, ask questions or set titles is left out.
 */
export class SafeText {
	readonly #colours: boolean;
	#tail = "";

	constructor(colours: boolean) {
		this.#colours = colours;
	}

	/** Bytes in, bytes out: UTF-8 passes through untouched, its bytes lie above the control characters. */
	push(bytes: Uint8Array): Uint8Array {
		const text =
			this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
		this.#tail = UNFINISHED.exec(text)?.[0] ?? "";
		return this.#clean(text.slice(0, text.length - this.#tail.length));
	}

	end(): Uint8Array {
		const rest = this.#tail;
		this.#tail = "";
		const reset = this.#colours ? "\x1b[0m" : "";
		return Buffer.concat([this.#clean(rest.replace(/^\x1b/, "")), Buffer.from(reset)]);
	}

	#clean(text: string): Uint8Array {
		const cleaned = text.replace(SEQUENCE, (sequence, sgr) => (sgr && this.#colours ? sequence : ""));
		return Buffer.from(cleaned, "latin1");
	}
}
