/** Runs at bundling time: puts a page of this folder into the bundle as text. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function readPage(name: string): string {
	return readFileSync(join(import.meta.dir, name), "utf8");
}
