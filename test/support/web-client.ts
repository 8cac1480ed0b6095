/**
 * A client of the daemon or of a session's port by WebSocket, as a page or a script is one, in a process of its own, so that a test can
 * stop it. argv[2] is the URL, argv[3] the token. Prints a line of JSON for each snapshot, output and change of its connection.
 */
import { attach } from "../../src/client/attach.ts";

export type WebClientLine =
	| { kind: "snapshot"; offset: number }
	| { kind: "output"; from: number; to: number }
	| { kind: "state"; state: string }
	| { kind: "end"; why: string };

const tell = (line: WebClientLine): void => console.log(JSON.stringify(line));

attach({
	url: process.argv[2]!,
	role: "viewer",
	connect: (url) =>
		new WebSocket(url, { headers: { authorization: `Bearer ${process.argv[3]}` } } as unknown as string[]),
	onSnapshot: (_, offset) => tell({ kind: "snapshot", offset }),
	onOutput: (bytes, offset) => tell({ kind: "output", from: offset, to: offset + bytes.length }),
	onExit: (exit) => tell({ kind: "end", why: JSON.stringify(exit) }),
	onError: (error) => tell({ kind: "end", why: error.message }),
	onState: (state) => tell({ kind: "state", state }),
});
