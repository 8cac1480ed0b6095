/** Scopes, as contract/system.ts orders them; that file stands beside TypeBox, which the page does without. */
import type { Scope } from "../../../src/contract/system.ts";

export type { Scope };

const order: Record<Scope, number> = { read: 0, write: 1, admin: 2 };

export function covers(held: Scope, needed: Scope): boolean {
	return order[held] >= order[needed];
}
