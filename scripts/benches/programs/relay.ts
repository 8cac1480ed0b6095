/**
 * The least that this runtime can do between a keyboard and a program in another process: bytes, and nothing kept of them.
 *
 *   bun relay.ts keep SOCKET CMD…   runs CMD in a terminal, for one who connects
 *   bun relay.ts show SOCKET        connects this terminal
 */
import { writeSync } from "node:fs";

const [role, socket, ...command] = process.argv.slice(2);

async function keep(path: string, argv: string[]): Promise<void> {
	let viewer: { write(bytes: Uint8Array): number } | null = null;
	const child = Bun.spawn(argv, {
		terminal: { cols: 80, rows: 24, data: (_, bytes) => void viewer?.write(bytes) },
	});
	Bun.listen({
		unix: path,
		socket: {
			open(connection) {
				viewer = connection;
			},
			data: (_, bytes) => void child.terminal!.write(bytes),
			close() {
				viewer = null;
			},
		},
	});
	await child.exited;
}

async function show(path: string): Promise<void> {
	process.stdin.setRawMode(true);
	const connection = await Bun.connect({
		unix: path,
		socket: { data: (_, bytes) => void writeSync(1, bytes) },
	});
	for await (const keys of Bun.stdin.stream()) connection.write(keys);
}

if (role === "keep") await keep(socket!, command);
else await show(socket!);
