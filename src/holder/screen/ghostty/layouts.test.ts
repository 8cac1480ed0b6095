/** The struct layouts that Berth writes by hand against those that the library reports of itself. */
import { expect, test } from "bun:test";
import { ghosttyLibrary } from "../../../platform/native.ts";
import { Layout, loadGhostty } from "./library.ts";

interface Reported {
	size: number;
	fields: Record<string, { offset: number }>;
}

test("every struct has the size and the field offsets that the library was built with", () => {
	const files = ghosttyLibrary("/nonexistent");
	if (!files) throw new Error("no libghostty-vt for this system");
	const json = loadGhostty({ library: files.main, shim: files.shim }).ghostty_type_json();
	const reported = JSON.parse(String(json)) as Record<string, Reported>;
	let compared = 0;
	for (const [name, { size, ...fields }] of Object.entries(Layout)) {
		const struct = reported[name];
		if (!struct) continue;
		compared++;
		expect([name, struct.size]).toEqual([name, size]);
		for (const [field, offset] of Object.entries(fields)) {
			expect([name, field, struct.fields[field]?.offset]).toEqual([name, field, offset]);
		}
	}
	expect(compared).toBeGreaterThanOrEqual(5);
});
