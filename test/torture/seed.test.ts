import { expect, test } from "bun:test";
import { inParallel } from "../../scripts/in-parallel.ts";
import { type Random, randomFrom } from "../support/torture.ts";

/** What eight actors at once choose, each at a pace of its own. */
async function choices(random: Random): Promise<string[]> {
	const chosen: string[] = Array(40).fill("");
	await inParallel(chosen.length, 8, async (n) => {
		const own = random.of(n);
		for (let step = 0; step < 5; step++) {
			await Bun.sleep(Math.random() * 2);
			chosen[n] += own.pick(["close", "kill", "restart"]) + own.between(0, 1000);
		}
	});
	return chosen;
}

test("a seed replays the choices of every actor, whoever comes first", async () => {
	const first = await choices(randomFrom(4711));
	expect(await choices(randomFrom(4711))).toEqual(first);
	expect(await choices(randomFrom(4712))).not.toEqual(first);
	expect(new Set(first).size).toBe(first.length);
});
