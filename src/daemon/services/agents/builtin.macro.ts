/** Runs at bundling time (and when the source is run directly): puts every manifest of the folder `builtin/` into the bundle as text. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function readBuiltIns(): string[] {
	const folder = join(import.meta.dir, "builtin");
	return readdirSync(folder)
		.sort()
		.map((name) => readFileSync(join(folder, name), "utf8"));
}
