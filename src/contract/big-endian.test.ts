import { expect, test } from "bun:test";
import fc from "fast-check";
import { getUint32, getUint64, putUint32, putUint64 } from "./big-endian.ts";

test("numbers are written as a DataView writes them and read back", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 0, max: 0xffff_ffff }),
			fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
			fc.integer({ min: 0, max: 7 }),
			(small, large, at) => {
				const ours = new Uint8Array(24);
				putUint32(ours, at, small);
				putUint64(ours, at + 4, large);
				const theirs = new Uint8Array(24);
				const view = new DataView(theirs.buffer);
				view.setUint32(at, small);
				view.setBigUint64(at + 4, BigInt(large));
				expect(ours).toEqual(theirs);
				expect([getUint32(ours, at), getUint64(ours, at + 4)]).toEqual([small, large]);
			},
		),
	);
});
