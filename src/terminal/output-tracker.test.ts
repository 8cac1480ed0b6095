import { expect, test } from "bun:test";
import { OutputTracker } from "./output-tracker.ts";

const after = (...chunks: string[]) => {
	const tracker = new OutputTracker();
	for (const chunk of chunks) tracker.push(Buffer.from(chunk));
	return tracker;
};

test("the alternate screen is noticed however it is switched and however reads cut it", () => {
	expect(after("a\x1b[?1049hb").marks.alternate).toBe(true);
	expect(after("\x1b", "[?10", "49h").marks.alternate).toBe(true);
	expect(after("\x1b[?1;47h").marks.alternate).toBe(true);
	expect(after("\x1b[?1049h", "\x1b[?1049l").marks.alternate).toBe(false);
	expect(after("\x1b[?1049h", "\x1bc").marks.alternate).toBe(false);
	expect(after("1049h \x1b[1049h").marks.alternate).toBe(false);
});

test("a sequence is counted once, although its end may look like a beginning", () => {
	expect(after("\x1b[>1u", "", "x").marks.keyboard.primary).toBe(1);
	expect(after("\x1b[>1u\x1b[>5u", "\x1b[<u").marks.keyboard.primary).toBe(1);
	expect(after("\x1b[>1u\x1b[?1049h\x1b[>1u\x1b[>1u\x1b[<2u\x1b[?1049l").marks.keyboard).toEqual({
		primary: 1,
		alternate: 0,
	});
});
