import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeData, encodeData, OUTPUT, SNAPSHOT } from "./stream.ts";

test("snapshot and output messages keep kind, offset and bytes", () => {
	fc.assert(
		fc.property(
			fc.constantFrom(SNAPSHOT, OUTPUT),
			fc.maxSafeNat(),
			fc.uint8Array(),
			(kind, offset, bytes) => {
				const decoded = decodeData(encodeData(kind, offset, bytes));
				expect(decoded).toEqual({ kind, offset, bytes: new Uint8Array(bytes) });
			},
		),
	);
});

test("what is no server message is told apart from one", () => {
	expect(decodeData(new Uint8Array(8))).toBeNull();
	expect(decodeData(new Uint8Array(9))).toBeNull();
	expect(decodeData(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeNull();
});
