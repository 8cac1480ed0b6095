import { expect, test } from "bun:test";
import { nativeFiles, nativeTargets } from "../src/platform/native-files.ts";
import { embeddingModule } from "./native-plugin.ts";

test("a build embeds its own target's libraries and no other's", () => {
	for (const target of nativeTargets) {
		const { ghostty, bunPty } = nativeFiles(target);
		const wanted = [...(ghostty ?? []), bunPty].map((file) => file.from);
		const embedded = [
			...embeddingModule(target).matchAll(/^import \w+ from ".*\/node_modules\/(.*)" with/gm),
		];
		expect(embedded.map((match) => match[1]!)).toEqual(wanted);
	}
});

test("the same files give the same folder, other files another", () => {
	const digests = (source: string) => [...source.matchAll(/digest: "(\w{16})"/g)].map((match) => match[1]);
	expect(digests(embeddingModule("linux-x64-musl"))).toEqual(digests(embeddingModule("linux-x64-musl")));
	expect(digests(embeddingModule("linux-x64-musl"))).not.toEqual(digests(embeddingModule("linux-x64-glibc")));
});
