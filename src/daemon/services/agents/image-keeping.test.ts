import { expect, test } from "bun:test";
import { ImageStore } from "../../../platform/images.ts";
import { ImageKeeping } from "./image-keeping.ts";
import { LogReader } from "./log-reader.ts";
import { AgentHome } from "./testing.ts";

const HOUR = 3600 * 1000;

test("an image goes when nothing refers to it any more, and not before a day has passed", async () => {
	using home = new AgentHome();
	const { store, paths } = home;
	const images = new ImageStore(paths.images);
	let now = Date.now();
	const failed: unknown[] = [];
	const onFailure = (error: unknown) => void failed.push(error);
	const keeping = new ImageKeeping({ read: store.read, images, now: () => now, onFailure });
	const [shown, first, second] = ["one", "two", "three"].map((text) =>
		images.put(Buffer.from(`GIF89a${text}`)),
	);
	home.writes({
		kind: "item",
		id: "1.1",
		body: { type: "message", role: "user", parts: [{ type: "image", image: shown! }], done: true },
	});
	await new LogReader({ store, paths, sinks: {}, log: () => {}, onItems: () => {} }).catchUp(home.workerId);
	expect(keeping.look()).toBe(0);
	now += 23 * HOUR;
	expect(keeping.look()).toBe(0);
	now += 2 * HOUR;
	expect(keeping.look()).toBe(2);
	expect(images.facts(shown!.sha256)).toEqual(shown!);
	for (const gone of [first!, second!]) expect(() => images.facts(gone.sha256)).toThrow(/no image/);
	keeping.stop();
	expect(failed).toEqual([]);
});
