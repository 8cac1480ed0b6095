/**
 * A client of its own process, so that a test can stop it: attaches to the holder's socket in argv[2] as a viewer and prints a
 * JSON line for the hello and then whenever something arrived.
 */
import { AttachStream } from "../../src/link/client.ts";

let resyncs = 0;
let tail = "";
const decoder = new TextDecoder();

await AttachStream.open(
	process.argv[2]!,
	{ role: "viewer" },
	{
		onMessage(message) {
			if (message.type === "hello") console.log(JSON.stringify(message));
			if (message.type === "resync") resyncs++;
		},
		onData({ bytes }) {
			tail = (tail + decoder.decode(bytes)).slice(-10_000);
			console.log(JSON.stringify({ type: "state", resyncs, sawEnd: tail.includes("the-very-end") }));
		},
		onClose: () => process.exit(0),
	},
);
