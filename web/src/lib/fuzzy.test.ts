import { expect, test } from "bun:test";
import { score } from "./fuzzy.ts";

const best = (query: string, texts: string[]) =>
	texts.filter((text) => score(query, text) !== null).sort((a, b) => score(query, b)! - score(query, a)!)[0];

test("letters are found in order, and beginnings of words count most", () => {
	expect(best("not", ["cannot", "notes-of-today"])).toBe("notes-of-today");
	expect(best("api", ["rapid", "harbour-api"])).toBe("harbour-api");
	expect(score("xyz", "api")).toBeNull();
	expect(score("", "anything")).not.toBeNull();
});
