/** Picks the role; nothing else. Each role's code is loaded only when it is wanted. */
const role = process.argv[2];

if (role === "holder") {
	const { runHolder } = await import("./holder/main.ts");
	await runHolder(process.argv.slice(3));
} else if (role === "daemon" && process.argv[3] === "serve") {
	const { runDaemon } = await import("./daemon/main.ts");
	await runDaemon(process.argv.slice(4));
} else {
	const { runCli } = await import("./cli/main.ts");
	await runCli(process.argv.slice(2));
}

export {};
