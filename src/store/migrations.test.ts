import { expect, test } from "bun:test";
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from "drizzle-kit/api";
import { readMigrations } from "./migrations.macro.ts";
import * as schema from "./schema.ts";

test("the newest migration leads to the schema as it stands: none was forgotten", async () => {
	const newest = readMigrations().at(-1)!;
	const number = String(newest.version - 1).padStart(4, "0");
	const snapshot = await Bun.file(`${import.meta.dir}/../../drizzle/meta/${number}_snapshot.json`).json();
	const missing = await generateSQLiteMigration(snapshot, await generateSQLiteDrizzleJson(schema));
	expect(missing).toEqual([]);
});

test("migrations are numbered without a gap, and each has statements", () => {
	const migrations = readMigrations();
	expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1));
	for (const { statements, tag } of migrations)
		expect(
			statements.every((sql) => sql.length > 0),
			tag,
		).toBe(true);
});
