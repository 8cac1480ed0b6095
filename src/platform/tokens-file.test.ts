import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashToken, type TokenEntry, TokensFile, writeTokensFile } from "./tokens-file.ts";

let folder: string;
let path: string;
let time = 1000;
const now = () => time;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-tokens-"));
	path = join(folder, "tokens.json");
	time = 1000;
});
afterEach(() => rmSync(folder, { recursive: true }));

function entry(token: string, over: Partial<TokenEntry> = {}): TokenEntry {
	return {
		id: `t_${token}`,
		sha256: hashToken(token),
		scope: "read",
		sessionId: null,
		expiresAt: null,
		...over,
	};
}

test("a token grants what its entry says, another nothing", () => {
	writeTokensFile(path, [entry("one"), entry("two", { scope: "admin", sessionId: "s_1" })]);
	const file = new TokensFile(path, now);
	expect(file.check("two")).toEqual({ id: "t_two", scope: "admin", sessionId: "s_1", expiresAt: null });
	expect(file.check("one")?.scope).toBe("read");
	for (const wrong of ["three", "", "ONE", hashToken("one")]) expect(file.check(wrong)).toBeNull();
});

test("a revoked token stops working at the next look, however fast the file was replaced", () => {
	const file = new TokensFile(path, now);
	for (let round = 0; round < 50; round++) {
		writeTokensFile(path, [entry("one")]);
		expect(file.check("one")).not.toBeNull();
		writeTokensFile(path, [entry("two")]);
		expect(file.check("one")).toBeNull();
	}
	rmSync(path);
	expect(file.check("two")).toBeNull();
});

test("an expired token grants nothing", () => {
	writeTokensFile(path, [entry("one", { expiresAt: 2000 })]);
	const file = new TokensFile(path, now);
	time = 1999;
	expect(file.check("one")).not.toBeNull();
	time = 2000;
	expect(file.check("one")).toBeNull();
});

test("no file and a damaged file grant nothing", () => {
	const file = new TokensFile(path, now);
	expect(file.check("one")).toBeNull();
	writeFileSync(path, '{"tokens":[');
	expect(() => file.check("one")).toThrow("cannot be read");
	expect(() => file.check("one")).toThrow("cannot be read");
});

test("the file is private and does not hold the tokens", async () => {
	writeTokensFile(path, [entry("one")]);
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(await Bun.file(path).text()).not.toContain('"one"');
});
