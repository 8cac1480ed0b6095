import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../../src/daemon/services/agents/manifest.ts";

test("the definition in docs/agents.md is one that is taken", () => {
	const page = readFileSync(join(import.meta.dir, "../../docs/agents.md"), "utf8");
	const [, text] = /```toml\n(id = [\s\S]*?)```/.exec(page) ?? [];
	expect(readManifest(text!, "toml")).toMatchObject({ id: "aider", env: { AIDER_CHECK_UPDATE: "false" } });
});
