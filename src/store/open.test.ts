import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BerthError } from "../contract/errors.ts";
import type { Migration } from "./migrate.ts";
import { openDatabase } from "./open.ts";

let folder: string;
let path: string;
const now = () => Date.UTC(2026, 0, 2, 3, 4, 5);

const first: Migration = {
	version: 1,
	tag: "0000_first",
	hash: "h1",
	statements: ["CREATE TABLE meta (key text PRIMARY KEY, value text)", "CREATE TABLE notes (text text)"],
};
const second: Migration = {
	version: 2,
	tag: "0001_second",
	hash: "h2",
	statements: ["ALTER TABLE notes ADD COLUMN colour text", "UPDATE notes SET colour = 'blue'"],
};

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "berth-open-"));
	path = join(folder, "berth.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function refused(migrations: Migration[] = [first]): BerthError {
	try {
		openDatabase(path, migrations, now).close();
	} catch (error) {
		if (error instanceof BerthError) return error;
		throw error;
	}
	throw new Error("it was opened");
}

function fill(migrations: Migration[], rows: number): void {
	const database = openDatabase(path, migrations, now);
	for (let n = 0; n < rows; n++)
		database.run("INSERT INTO notes (text) VALUES (?)", [`note ${n} ${"x".repeat(200)}`]);
	database.close();
}

test("a file that is no database is refused by name and left byte for byte", () => {
	const content = "these are my notes, please do not eat them\n".repeat(50);
	writeFileSync(path, content);
	const error = refused();
	expect(error.code).toBe("store_failed");
	expect(error.message).toContain(path);
	expect(error.message).toContain("Move it away");
	expect(readFileSync(path, "utf8")).toBe(content);
});

test("a damaged database is refused and left byte for byte", () => {
	fill([first], 500);
	const bytes = readFileSync(path);
	bytes.fill(0x5a, 4096 + 200, 4096 * 6);
	writeFileSync(path, bytes);
	const error = refused();
	expect(error.code).toBe("store_failed");
	expect(error.message).toContain("is damaged");
	expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("a database cut short is refused and left byte for byte", () => {
	fill([first], 500);
	const bytes = readFileSync(path).subarray(0, 4096 * 3 + 17);
	writeFileSync(path, bytes);
	expect(refused().message).toContain(path);
	expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("another program's database is refused and left byte for byte", () => {
	const database = new Database(path);
	database.run("CREATE TABLE bookmarks (url text)");
	database.close();
	const bytes = readFileSync(path);
	expect(refused().message).toContain("another program's");
	expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("a database whose maker died before anything was in it is taken as the new one that it is", () => {
	for (const step of ["journal_mode = WAL", "application_id = 0x42525448"]) {
		const database = new Database(path);
		database.run(`PRAGMA ${step}`);
		database.close();
		fill([first], 3);
		expect(readdirSync(folder)).toEqual(["berth.db"]);
		rmSync(path);
	}
});

test("a newer Berth's database is refused and left byte for byte", () => {
	fill([first, second], 3);
	const bytes = readFileSync(path);
	const error = refused([first]);
	expect(error.message).toContain("newer Berth");
	expect(error.info).toMatchObject({ version: 2, known: 1 });
	expect(readFileSync(path).equals(bytes)).toBe(true);
});

test("a database with another history is refused", () => {
	fill([first], 3);
	expect(refused([{ ...first, hash: "other" }]).message).toContain("another history");
});

test("before a migration a private copy of the whole database is kept, write-ahead log included", () => {
	const running = openDatabase(path, [first], now);
	running.run("INSERT INTO notes (text) VALUES ('kept')");
	// The row is still in the log only: a copy of the file alone would miss it.
	const migrated = openDatabase(path, [first, second], now);
	expect(migrated.query("SELECT text, colour FROM notes").all()).toEqual([{ text: "kept", colour: "blue" }]);
	migrated.close();
	running.close();
	const copies = readdirSync(folder).filter((name) => name.endsWith(".bak"));
	expect(copies).toEqual(["berth.db.v1.2026-01-02T03-04-05-000Z.bak"]);
	const copy = join(folder, copies[0]!);
	expect(statSync(copy).mode & 0o777).toBe(0o600);
	const old = new Database(copy, { readonly: true });
	expect(old.query("SELECT * FROM notes").all()).toEqual([{ text: "kept" }]);
	old.close();
});

test("a migration that fails leaves the database at the version it had", () => {
	fill([first], 1);
	const broken = { ...second, statements: ["ALTER TABLE notes ADD COLUMN colour text", "NONSENSE"] };
	expect(() => openDatabase(path, [first, broken], now)).toThrow();
	const database = openDatabase(path, [first], now);
	expect(database.query("SELECT * FROM notes").all()).toHaveLength(1);
	expect(Object.keys(database.query("SELECT * FROM notes").get() as object)).toEqual(["text"]);
	database.close();
});

test("a database that is up to date is opened without another copy", () => {
	fill([first], 1);
	fill([first], 1);
	expect(readdirSync(folder).filter((name) => name.endsWith(".bak"))).toEqual([]);
});
