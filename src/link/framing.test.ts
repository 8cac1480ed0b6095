import { expect, test } from "bun:test";
import fc from "fast-check";
import { FRAME_LIMIT_BYTES } from "../contract/limits.ts";
import { BINARY, encodeFrame, encodeMessage, FrameDecoder, parseMessage, TEXT } from "./framing.ts";

const frames = fc.array(
	fc.record({ kind: fc.constantFrom(TEXT, BINARY), payload: fc.uint8Array({ maxLength: 400 }) }),
	{ maxLength: 20 },
);

test("frames arrive whole and in order however the carrier cuts the stream", () => {
	fc.assert(
		fc.property(
			frames,
			fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 50 }),
			(sent, cuts) => {
				const stream = Buffer.concat(sent.map(({ kind, payload }) => encodeFrame(kind, payload)));
				const decoder = new FrameDecoder();
				const received: { kind: number; payload: number[] }[] = [];
				for (let at = 0, i = 0; at < stream.length; i++) {
					const size = cuts[i % cuts.length]!;
					decoder.push(stream.subarray(at, at + size), (frame) => {
						received.push({ kind: frame.kind, payload: [...frame.payload] });
					});
					at += size;
				}
				expect(received).toEqual(sent.map(({ kind, payload }) => ({ kind, payload: [...payload] })));
			},
		),
	);
});

test("a carrier that reuses its buffer does not change what was received", () => {
	const frame = encodeMessage({ type: "identify" });
	const buffer = new Uint8Array(8);
	const decoder = new FrameDecoder();
	const received: object[] = [];
	for (let at = 0; at < frame.length; at += buffer.length) {
		const part = frame.subarray(at, at + buffer.length);
		buffer.set(part);
		decoder.push(buffer.subarray(0, part.length), (whole) => received.push(parseMessage(whole)));
		buffer.fill(0xff);
	}
	expect(received).toEqual([{ type: "identify" }]);
});

test("a length above the limit and an unknown kind are refused before memory is taken for them", () => {
	const oversized = new Uint8Array(5);
	new DataView(oversized.buffer).setUint32(0, FRAME_LIMIT_BYTES + 1);
	oversized[4] = BINARY;
	const refused = (bytes: Uint8Array) => () => new FrameDecoder().push(bytes, () => {});
	expect(refused(oversized)).toThrow("does not speak");
	expect(refused(new TextEncoder().encode("GET / HTTP/1.1\r\n"))).toThrow("does not speak");
});

test("a text frame without JSON is a protocol mismatch", () => {
	expect(() => parseMessage({ kind: TEXT, payload: new TextEncoder().encode("{") })).toThrow("JSON");
});
