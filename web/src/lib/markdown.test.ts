import { expect, test } from "bun:test";
import { safeLink } from "./markdown.ts";

test("only links that open a page or a letter are followed", () => {
	expect(safeLink("https://example.com/a")).toBe("https://example.com/a");
	expect(safeLink("mailto:me@example.com")).toBe("mailto:me@example.com");
	for (const href of [
		"javascript:alert(1)",
		"JaVaScRiPt:alert(1)",
		"data:text/html,x",
		"file:///etc/passwd",
		"/close",
		"",
	])
		expect(safeLink(href)).toBeNull();
});
