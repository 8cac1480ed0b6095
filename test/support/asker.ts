/** Runs in a terminal made raw: prints argv[2] at every carriage return that it reads, and all its input as `<hex>` words. */
process.stdin.setRawMode(true);
process.stdin.on("data", (bytes: Buffer) => {
	// In one write: whoever has seen the input has seen what it asked for.
	const returns = bytes.filter((byte) => byte === 0x0d).length;
	process.stdout.write(`<${bytes.toString("hex")}>\r\n${process.argv[2]!.repeat(returns)}`);
});
process.stdout.write("ready\r\n");
