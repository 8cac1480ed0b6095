/** Images that programs print: sixel, and kitty's graphics protocol. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { Berth, until } from "../support/berth.ts";
import { newShell, Person, useBrowser } from "./support.ts";

useBrowser();

type Color = readonly [red: number, green: number, blue: number];

/** Bytes of base64 in one message, as the protocol asks for. */
const CHUNK_BYTES = 4096;

/** One message of kitty's graphics protocol, or several when the data are longer than one may be. */
function kitty(controls: string, data: Uint8Array): string {
	const base64 = Buffer.from(data).toString("base64");
	const chunks = base64.match(new RegExp(`.{1,${CHUNK_BYTES}}`, "g")) ?? [""];
	return chunks
		.map((chunk, index) => {
			const more = index < chunks.length - 1 ? 1 : 0;
			return `\x1b_G${index === 0 ? `${controls},` : ""}m=${more};${chunk}\x1b\\`;
		})
		.join("");
}

/** Rows of pixels of one colour; `alpha` adds the fourth byte, `filter` the byte that begins each row of a PNG. */
function pixels([red, green, blue]: Color, size: number, { alpha = false, filter = false } = {}): Buffer {
	const pixel = alpha ? [red, green, blue, 255] : [red, green, blue];
	const row = [...(filter ? [0] : []), ...Array.from({ length: size }, () => pixel).flat()];
	return Buffer.from(Array.from({ length: size }, () => row).flat());
}

/** A square PNG, of as many bytes as it has: one of 64 by 64 pixels needs several messages. */
function png(color: Color, size: number): Buffer {
	const rows = pixels(color, size, { filter: true });
	const header = Buffer.alloc(13);
	header.writeUInt32BE(size, 0);
	header.writeUInt32BE(size, 4);
	header.set([8, 2, 0, 0, 0], 8);
	const chunk = (type: string, data: Buffer) => {
		const body = Buffer.concat([Buffer.from(type), data]);
		const frame = Buffer.alloc(body.length + 8);
		frame.writeUInt32BE(data.length, 0);
		body.copy(frame, 4);
		frame.writeUInt32BE(crc32(body), body.length + 4);
		return frame;
	};
	return Buffer.concat([
		Buffer.from("89504e470d0a1a0a", "hex"),
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level: 0 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** How many pixels of about this colour the images show. */
function drawn({ page }: Person, color: Color): Promise<number> {
	return page.evaluate((wanted) => {
		let count = 0;
		for (const canvas of document.querySelectorAll<HTMLCanvasElement>("canvas[class*=xterm-image-layer]")) {
			const context = canvas.getContext("2d");
			if (context === null || canvas.width === 0) continue;
			const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
			for (let at = 0; at < data.length; at += 4) {
				if (
					wanted.every((value, channel) => Math.abs(data[at + channel]! - value) < 24) &&
					data[at + 3]! > 200
				)
					count++;
			}
		}
		return count;
	}, color);
}

const RED: Color = [220, 30, 40];
const GREEN: Color = [20, 200, 60];
const BLUE: Color = [30, 60, 230];

/** Somebody who looks at a shell, and a way to have it print something. */
async function looks(berth: Berth) {
	await newShell(berth, "picture");
	const person = await Person.atTerminal(berth, "picture");
	let printed = 0;
	return {
		person,
		print: async (text: string) => {
			const file = join(berth.home, `print-${++printed}`);
			writeFileSync(file, text);
			await person.runs(`clear; cat ${file}; printf '\\n\\n\\n\\n\\n\\n'; echo printed-${printed}`);
			await person.sees(new RegExp(`^printed-${printed}$`, "m"));
		},
		async [Symbol.asyncDispose]() {
			await person[Symbol.asyncDispose]();
		},
	};
}

test("kitty's images are drawn: a PNG in chunks, raw pixels, compressed ones, and one that is placed later", async () => {
	await using berth = await Berth.start();
	await using seen = await looks(berth);
	const { person, print } = seen;
	const chunks = kitty("a=T,f=100", png(RED, 64));
	expect(chunks.split("\x1b_G").length).toBeGreaterThan(3);
	await print(chunks);
	await until(async () => (await drawn(person, RED)) === 64 * 64, "the PNG is drawn");
	await print(kitty("a=T,f=32,s=60,v=60", pixels(GREEN, 60, { alpha: true })));
	await until(async () => (await drawn(person, GREEN)) === 60 * 60, "the raw pixels are drawn");
	// What was cleared is gone.
	expect(await drawn(person, RED)).toBe(0);
	await print(kitty("a=T,f=24,o=z,s=50,v=50", deflateSync(pixels(BLUE, 50))));
	await until(async () => (await drawn(person, BLUE)) === 50 * 50, "the compressed pixels are drawn");
	await print(`${kitty("a=t,i=7,f=100", png(RED, 40))}${kitty("a=p,i=7", Buffer.alloc(0))}`);
	await until(async () => (await drawn(person, RED)) === 40 * 40, "the image is placed");
	await print("\x1b_Ga=d,d=I,i=7\x1b\\");
	await until(async () => (await drawn(person, RED)) === 0, "the image is deleted");
	expect(person.faults).toEqual([]);
});

test("a sixel image is drawn", async () => {
	await using berth = await Berth.start();
	await using seen = await looks(berth);
	const { person, print } = seen;
	// A block of 12 by 12 pixels in one colour (DEC STD 070, sixel).
	await print("\x1bP0;1q#0;2;100;0;0#0!12~-!12~-\x1b\\");
	await until(async () => (await drawn(person, [255, 0, 0])) > 50, "the image is drawn");
	expect(person.faults).toEqual([]);
});

test("a program that asks for images is answered by its session alone, whoever looks", async () => {
	await using berth = await Berth.start();
	await using seen = await looks(berth);
	await using other = await Person.atTerminal(berth, "picture");
	const script = join(berth.home, "ask");
	// Kitty's query, XTSMGRAPHICS, and DA1, which ends such a question.
	const queries = "\\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\\033\\\\\\033[?1;1;0S\\033[c";
	writeFileSync(script, `clear; stty raw -echo; printf '${queries}'; printf 'as%s\\r\\n' ked; exec cat -v`);
	await seen.person.runs(`exec bash ${script}`);
	// Each page types only after it has read the queries: an answer of its own would stand before that.
	for (const person of [seen.person, other]) {
		await person.sees(/^asked$/m);
		await person.types("x");
	}
	await other.sees(/^\^\[\[\?62;22cxx$/m);
});

/** What the page makes of these is counted: whoever forgets them lets them go. */
const COUNTED = ["Blob", "WebAssembly.Memory"] as const;

/** Has the page count from its next load on. */
async function counts({ page }: Person): Promise<void> {
	await page.addInitScript((names) => {
		const alive: Record<string, number> = {};
		// No weak references: making one keeps its object alive until the task ends.
		const gone = new FinalizationRegistry((name: string) => alive[name]!--);
		Object.assign(globalThis, { alive });
		for (const name of names) {
			alive[name] = 0;
			const holder: object = name.startsWith("WebAssembly.") ? WebAssembly : globalThis;
			const key = name.replace("WebAssembly.", "");
			const counted = new Proxy(Reflect.get(holder, key), {
				construct(target, values) {
					const object = Reflect.construct(target, values) as object;
					alive[name]!++;
					gone.register(object, name);
					return object;
				},
			});
			Reflect.set(holder, key, counted);
		}
	}, COUNTED);
	await page.reload();
}

/** How many of them the page holds. */
async function held({ page, context }: Person, name: (typeof COUNTED)[number]): Promise<number> {
	const inspector = await context.newCDPSession(page);
	await inspector.send("HeapProfiler.collectGarbage");
	await inspector.detach();
	return page.evaluate((wanted) => {
		const { alive } = globalThis as unknown as { alive: Record<string, number> };
		return alive[wanted]!;
	}, name);
}

test("images that are begun, kept or unpacked without end cost bounded memory, and the next one is drawn", async () => {
	await using berth = await Berth.start();
	await using seen = await looks(berth);
	const { person, print } = seen;
	await counts(person);
	await person.painted();
	const many = Array.from({ length: 600 }, (_, id) => id + 1000);
	await print(many.map((id) => `\x1b_Ga=T,f=100,i=${id},m=1;iVBORw0KGgoAAAAN\x1b\\`).join(""));
	await print(many.map((id) => kitty(`a=t,f=24,s=1,v=1,q=2,i=${id}`, pixels(RED, 1))).join(""));
	// Kept images and open transmissions, and a few that are none of a program's.
	await until(async () => (await held(person, "WebAssembly.Memory")) < 30, "transmissions are let go");
	await until(async () => (await held(person, "Blob")) < 300, "images are let go");
	const enormous = png(GREEN, 1);
	enormous.writeUInt32BE(60_000, 16);
	enormous.writeUInt32BE(60_000, 20);
	const bomb = deflateSync(Buffer.alloc(256 * 1024 * 1024));
	await print(`${kitty("a=T,f=100", enormous)}${kitty("a=T,f=32,o=z,s=30,v=30", bomb)}`);
	await print(kitty("a=T,f=100", png(BLUE, 40)));
	await until(async () => (await drawn(person, BLUE)) === 40 * 40, "the next image is drawn");
	expect(person.faults).toEqual([]);
});

test("a browser without WebAssembly, as one that is locked down, shows terminals without images", async () => {
	await using berth = await Berth.start();
	await newShell(berth, "plain");
	await using person = await Person.loggedIn(berth);
	await person.context.addInitScript(() => {
		Reflect.deleteProperty(globalThis, "WebAssembly");
	});
	await person.opens("plain");
	await person.runs("echo $((6 * 7))");
	await person.sees(/^42$/m);
	expect(person.faults).toEqual([]);
});
