/** Queries of prompts. Every change of state goes through the contract's table of runs. */
import { and, count, eq } from "drizzle-orm";
import { prompts } from "./schema.ts";
import type { Reader } from "./store.ts";

/** How many wait for the agent. */
export function waitingPrompts(read: Reader, workerId: string): number {
	const waiting = and(eq(prompts.workerId, workerId), eq(prompts.state, "pending"));
	return read.select({ count: count() }).from(prompts).where(waiting).get()?.count ?? 0;
}

/** Hashes of the images that prompts have, some of them more than once. */
export function imagesInPrompts(read: Reader): string[] {
	const rows = read.select({ images: prompts.images }).from(prompts).all();
	return rows.flatMap(({ images }) => images.map(({ sha256 }) => sha256));
}
