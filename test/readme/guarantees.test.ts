import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

test("every guarantee names a file that keeps it and a test that proves it, and both exist", () => {
	const page = readFileSync(join(root, "docs/guarantees.md"), "utf8");
	const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (guarantee|---)/.test(line));
	expect(rows.length).toBeGreaterThan(30);
	const faults: string[] = [];
	for (const row of rows) {
		const [, keeper, proof] = row.split(" | ");
		const file = /^`([^`]+)`$/.exec(keeper ?? "")?.[1];
		const [, testFile, name] = /^`([^`]+)`: "(.+)" \|$/.exec(proof ?? "") ?? [];
		if (file === undefined || testFile === undefined || name === undefined)
			faults.push(`not of the form: ${row}`);
		else if (!existsSync(join(root, file))) faults.push(`there is no ${file}`);
		else if (!existsSync(join(root, testFile))) faults.push(`there is no ${testFile}`);
		else if (!readFileSync(join(root, testFile), "utf8").includes(name))
			faults.push(`${testFile} has no test "${name}"`);
	}
	expect(faults).toEqual([]);
});
