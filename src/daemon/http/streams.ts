/** Answers that are made while they are sent: the next piece is only made when the client took the last one. */

/** Bytes of small pieces that are joined before they are sent. */
const JOIN_BYTES = 64 * 1024;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A stream of the generator's pieces. A client that goes away ends the generator. */
export function streamOf(pieces: Generator<Uint8Array | string, void, void>): ReadableStream<Uint8Array> {
	const encoder = new TextEncoder();
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				// A fast reader would have the next piece at once, again and again: others get their turn between two pieces.
				await nextTurn();
				const batch: Uint8Array[] = [];
				let size = 0;
				while (size < JOIN_BYTES) {
					const { value, done } = pieces.next();
					if (done) {
						if (size > 0) controller.enqueue(Buffer.concat(batch));
						controller.close();
						return;
					}
					const bytes = typeof value === "string" ? encoder.encode(value) : value;
					batch.push(bytes);
					size += bytes.length;
				}
				controller.enqueue(Buffer.concat(batch));
			},
			cancel() {
				pieces.return();
			},
		},
		{ highWaterMark: 0 },
	);
}
