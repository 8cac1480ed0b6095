import { expect, test } from "bun:test";
import { asLines } from "./lines.ts";

test("control sequences go, and a line that was written over shows its last state", () => {
	expect(asLines("\x1b[32mok\x1b[0m\r\n")).toBe("ok");
	expect(asLines("10%\r50%\r100%\r\ndone\r\n")).toBe("100%\ndone");
	expect(asLines("a\r\n\r\nb\n\n")).toBe("a\n\nb");
});
