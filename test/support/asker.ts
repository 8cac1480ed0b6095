/** Runs in a terminal made raw: prints argv[2] at every carriage return that it reads, and all its input as `<hex>` words. */
process.stdin.setRawMode(true);
process.stdin.on("data", (bytes: Buffer) => {
	process.stdout.write(`<${bytes.toString("hex")}>\r\n`);
	for (const byte of bytes) if (byte === 0x0d) process.stdout.write(process.argv[2]!);
});
process.stdout.write("ready\r\n");
