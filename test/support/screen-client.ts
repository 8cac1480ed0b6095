/**
 * A client of its own process that is a whole terminal, so that a test can stop it with SIGSTOP: attaches to the holder's socket in
 * argv[2] as a viewer. Prints `attached`, `resync-REASON` and, when the output ends in `done-N`, `end-seen`; at SIGUSR1 the rows of
 * its screen as JSON.
 */
import { SNAPSHOT } from "../../src/contract/stream.ts";
import { xtermEngine } from "../../src/holder/screen/xterm.ts";
import { AttachStream } from "../../src/link/client.ts";

const screen = xtermEngine.open({
	cols: 80,
	rows: 24,
	scrollbackLines: 1000,
	onTitle() {},
	onBell() {},
	onReply() {},
});

await AttachStream.open(
	process.argv[2]!,
	{ role: "viewer" },
	{
		onMessage(message) {
			if (message.type === "resync") console.log(`resync-${message.reason}`);
			if (message.type === "size") screen.resize(message.cols, message.rows);
		},
		onData({ kind, bytes }) {
			screen.write(bytes);
			if (kind === SNAPSHOT) console.log("attached");
			if (screen.lines().some((line) => line === "done-400000")) console.log("end-seen");
		},
		onClose: () => process.exit(0),
	},
);
process.on("SIGUSR1", () => console.log(`\n${JSON.stringify(screen.lines())}`));
