import { expect, test } from "bun:test";
import fc from "fast-check";
import { Editor } from "./editor.ts";

/** What is submitted after these keys and Enter. */
function typed(...keys: string[]): string | null {
	const editor = new Editor();
	for (const key of keys) expect(editor.feed(Buffer.from(key))).toEqual([]);
	const [action] = editor.feed(Buffer.from("\r"));
	return action?.kind === "submit" ? action.text : null;
}

test("text is edited as in a shell's line", () => {
	expect(typed("héllo")).toBe("héllo");
	expect(typed("helo", "\x1b[D", "l")).toBe("hello");
	expect(typed("ello", "\x01", "h", "\x05", "!")).toBe("hello!");
	expect(typed("one two three", "\x17", "\x17", "2")).toBe("one 2");
	expect(typed("all gone", "\x15", "new")).toBe("new");
	expect(typed("keep this", "\x1b[1;5D", "\x0b", "that")).toBe("keep that");
	expect(typed("abc", "\x1b[H", "\x1b[3~")).toBe("bc");
	expect(typed("one", "\x1b\r", "two", "\n", "three")).toBe("one\ntwo\nthree");
});

test("nothing is submitted as long as nothing is typed", () => {
	expect(typed()).toBeNull();
	expect(typed("  \x7f")).toBeNull();
});

test("a paste is text, whatever is in it, however it is cut", () => {
	const pasted = "\x1b[200~line one\r\nline two\x03\x1b[A\x1b[201~";
	expect(typed(pasted)).toBe("line one\nline two[A");
	for (let at = 1; at < pasted.length; at++)
		expect(typed(pasted.slice(0, at), pasted.slice(at))).toBe("line one\nline two[A");
});

test("Up and Down go through what was sent; what was typed last comes back empty", () => {
	const editor = new Editor();
	for (const text of ["first", "second", "second"]) editor.feed(Buffer.from(`${text}\r`));
	const shown = (key: string) => {
		editor.feed(Buffer.from(key));
		return editor.row(80).text;
	};
	expect(["\x1b[A", "\x1b[A", "\x1b[A", "\x1b[B", "\x1b[B"].map(shown)).toEqual([
		...["second", "first", "first", "second", ""],
	]);
});

test("Ctrl-C clears first and interrupts then", () => {
	const editor = new Editor();
	editor.feed(Buffer.from("text"));
	expect(editor.feed(Buffer.from("\x03"))).toEqual([]);
	expect(editor.empty).toBe(true);
	expect(editor.feed(Buffer.from("\x03"))).toEqual([{ kind: "interrupt" }]);
});

test("the row is never wider than there is room, and the cursor is in it", () => {
	const text = fc.string({ unit: "grapheme" });
	const moves = fc.array(fc.constantFrom("\x1b[D", "\x1b[C", "\x01", "\x05", "\x7f"));
	fc.assert(
		fc.property(text, moves, fc.integer({ min: 4, max: 40 }), (typed, keys, cells) => {
			const editor = new Editor();
			for (const key of [`\x1b[200~${typed}\x1b[201~`, ...keys]) editor.feed(Buffer.from(key));
			const row = editor.row(cells);
			expect(row.width).toBeLessThan(cells);
			expect(row.cursor).toBeLessThanOrEqual(row.width);
			expect(row.cursor).toBeGreaterThanOrEqual(0);
		}),
	);
});

test("any bytes at all leave an editor that works", () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array()), (chunks) => {
			const editor = new Editor();
			for (const chunk of chunks) editor.feed(chunk);
			// Whatever it waits for ends with this: a paste, a sequence, a character.
			editor.feed(Buffer.from("\x1b[201~\x15\x0bclear\r"));
			editor.feed(Buffer.from("\x1b[201~\x15\x0b"));
			const [action] = editor.feed(Buffer.from("text\r"));
			expect(action).toMatchObject({ kind: "submit" });
		}),
	);
});
