/** Settings: a key in the file, a variable, a flag; the later wins. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { Berth, freePort } from "../support/berth.ts";

const answers = async (port: number, host = "127.0.0.1") => {
	try {
		return (await fetch(`http://${host}:${port}/health`, { keepalive: false })).status === 200;
	} catch {
		// Nobody listens there.
		return false;
	}
};

test("a variable wins over the file, and a flag over both", async () => {
	await using berth = await Berth.home();
	const [inFile, inVariable, inFlag] = [await freePort(), await freePort(), await freePort()];
	mkdirSync(join(berth.home, "config"), { recursive: true });
	writeFileSync(join(berth.home, "config/config.toml"), `port = ${inFile}\n`);
	const served = async () => Promise.all([inFile, inVariable, inFlag].map((port) => answers(port)));

	// An empty variable is none.
	await berth.ok(["daemon", "start"], { env: { BERTH_PORT: "" } });
	expect(await served()).toEqual([true, false, false]);
	await berth.ok(["daemon", "restart"], { env: { BERTH_PORT: String(inVariable) } });
	expect(await served()).toEqual([false, true, false]);
	await berth.ok(["daemon", "restart", "--port", String(inFlag)], {
		env: { BERTH_PORT: String(inVariable) },
	});
	expect(await served()).toEqual([false, false, true]);
}, 300_000);

test("a running daemon does not take flags of start, and says what does", async () => {
	await using berth = await Berth.start();
	const refused = await berth.run(["daemon", "start", "--port", "0"]);
	expect(refused.code).toBe(1);
	expect(refused.stderr).toMatch(/^berth: a daemon runs already .*berth daemon restart.*\n$/);
	expect((await berth.run(["daemon", "start"])).code).toBe(0);
}, 300_000);

test("an address that the network reaches is bound with --insecure or with TLS only", async () => {
	await using berth = await Berth.home();
	const refused = await berth.run(["daemon", "start", "--host", "0.0.0.0"]);
	expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--insecure")]);
	await berth.ok(["daemon", "start", "--host", "0.0.0.0", "--insecure"]);
	expect(await answers(berth.port)).toBe(true);
	const outside = Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.find(({ internal, family }) => !internal && family === "IPv4");
	if (outside) expect(await answers(berth.port, outside.address)).toBe(true);
}, 300_000);

test("certificate files are named from where the command is typed", async () => {
	await using berth = await Berth.home();
	const folder = join(berth.home, "pem");
	mkdirSync(folder);
	const made = Bun.spawnSync(
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -keyout key.pem -out cert.pem".split(
			" ",
		),
		{ cwd: folder },
	);
	expect(made.exitCode).toBe(0);
	await berth.ok(["daemon", "start", "--tls-cert", "cert.pem", "--tls-key", "key.pem"], { cwd: folder });
	const health = await fetch(`https://localhost:${berth.port}/health`, {
		tls: { rejectUnauthorized: false },
	});
	expect(health.status).toBe(200);
}, 300_000);
