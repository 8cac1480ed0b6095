import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokensFile } from "../../platform/tokens-file.ts";
import { Store } from "../../store/store.ts";
import { type NewTokenRequest, Tokens } from "./tokens.ts";

let folder: string;
let store: Store;
let tokens: Tokens;
let file: TokensFile;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-tokens-"));
	store = Store.open(join(folder, "berth.db"), { now: Date.now });
	tokens = open();
	file = new TokensFile(join(folder, "tokens.json"), Date.now);
});
afterEach(() => {
	tokens.stop();
	store.close();
	rmSync(folder, { recursive: true });
});

const open = () => new Tokens({ store, tokensFile: join(folder, "tokens.json"), now: Date.now });
const plain: NewTokenRequest = { label: "", scope: "read", sessionId: null, expiresAt: null, browser: false };

test("a token works for the daemon and for the holders from the moment it exists, and until it is revoked", () => {
	const { id, token } = tokens.create(plain);
	expect(tokens.check(token, "bearer")).toMatchObject({ id, scope: "read" });
	expect(file.check(token)).toMatchObject({ id, scope: "read" });
	let ended = 0;
	tokens.watch(id, () => ended++);
	tokens.revoke(id);
	expect(ended).toBe(1);
	expect(tokens.check(token, "bearer")).toBeNull();
	expect(file.check(token)).toBeNull();
	expect(() => tokens.revoke(id)).toThrow("no token");
});

test("tokens outlive the daemon, and a daemon that starts writes the holders' file anew", () => {
	const { token } = tokens.create(plain);
	tokens.stop();
	rmSync(join(folder, "tokens.json"));
	tokens = open();
	expect(tokens.check(token, "bearer")).not.toBeNull();
	expect(file.check(token)).not.toBeNull();
});

test("what an expiring token has open ends when it expires, without anybody asking", async () => {
	const { id, token } = tokens.create({ ...plain, expiresAt: Date.now() + 50 });
	await new Promise<void>((resolve) => tokens.watch(id, resolve));
	expect(tokens.check(token, "bearer")).toBeNull();
	expect(tokens.list()).toEqual([]);
});

test("a browser's login never reaches the holders", () => {
	const { id, token } = tokens.create({ ...plain, scope: "admin", browser: true });
	expect(readFileSync(join(folder, "tokens.json"), "utf8")).not.toContain(id);
	expect(file.check(token)).toBeNull();
	expect(tokens.check(token, "browser")).not.toBeNull();
});

test("the database and its log do not hold a token's text", () => {
	const { token } = tokens.create(plain);
	for (const name of ["berth.db", "berth.db-wal", "tokens.json"]) {
		expect(readFileSync(join(folder, name)).includes(token.slice(6))).toBe(false);
	}
});
