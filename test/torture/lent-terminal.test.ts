/** A terminal that changes hands all the time: what is typed and what is shown arrive whole, once and in order. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Berth, until } from "../support/berth.ts";
import { Loan } from "../support/loan.ts";
import { scaled, seededTest } from "../support/torture.ts";

const BURSTS = scaled(250, 2000);

/** From the first key on it prints numbered lines in bursts of very different sizes and writes down what else it is typed, byte for byte. */
const PROGRAM = `
import os, random, select, sys, time, tty
seed, bursts, typed = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3], "wb", 0)
random.seed(seed)
tty.setraw(0)
os.write(1, b"ready")
os.read(0, 1)
line = 0
def put(data):
    while data:
        data = data[os.write(1, data):]
for burst in range(bursts):
    until = time.time() + random.choice([0, 0.002, 0.015, 0.03])
    while True:
        wait = max(0, until - time.time())
        if select.select([0], [], [], wait)[0]:
            typed.write(os.read(0, 65536))
        elif wait == 0:
            break
    out = b""
    for _ in range(random.choice([1, 1, 2, 20, 300, 2000])):
        line += 1
        out += b"L%d:%s\\r\\n" % (line, b"x" * random.choice([0, 5, 60]))
        if random.random() < 0.02:
            out += random.choice([b"\\x1b[?1049h\\x1b[?1049l", b"\\x1b[>1u\\x1b[<u", b"\\x1b[31mred\\x1b[0m"])
    put(out)
put(b"over %d" % line)
while not select.select([0], [], [], 30)[0] == []:
    piece = os.read(0, 65536)
    typed.write(piece)
    if b"END" in piece:
        break
`;

seededTest("keys and output arrive whole and once while the terminal changes hands", async (random) => {
	await using berth = await Berth.start();
	const typedFile = join(berth.home, "typed");
	const argv = ["/usr/bin/python3", "-c", PROGRAM, String(random.between(0, 1e9)), String(BURSTS), typedFile];
	await using loan = await Loan.of(berth, "hands", argv);
	await loan.becomesLent();
	loan.terminal.type("!");
	let typed = "";
	let lent = 0;
	let ours = 0;
	for (let token = 0; !/over \d+/.test(loan.terminal.since(Math.max(0, loan.terminal.mark - 100))); token++) {
		const text = random.pick([
			`k${token};`,
			`\x1b[A${token}`,
			`\x1b[200~pasted ${token} \x1c not a key\x1b[201~`,
			`é${"y".repeat(random.between(1, 3000))};`,
		]);
		typed += text;
		loan.terminal.type(text);
		if (loan.lent) lent++;
		else ours++;
		await Bun.sleep(random.between(0, 25));
	}
	typed += "END";
	loan.terminal.type("END");
	await until(() => readFileSync(typedFile).includes("END"), "all that was typed has arrived");
	expect(readFileSync(typedFile, "utf8")).toBe(typed);
	const shown = loan.terminal.since(0);
	const last = Number(/over (\d+)/.exec(shown)![1]);
	const lines = [...shown.matchAll(/L(\d+):x*\r\n/g)].map(([, number]) => Number(number));
	expect(lines).toEqual(Array.from({ length: last }, (_, index) => index + 1));
	// Else it has proven nothing.
	expect(lent).toBeGreaterThan(0);
	expect(ours).toBeGreaterThan(0);
});
