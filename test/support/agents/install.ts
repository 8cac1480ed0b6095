/** Makes the tests' own agent known to a Berth under test, as a user makes an agent known: by a file among its settings. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentDriver } from "../../../src/contract/words.ts";

const script = join(import.meta.dir, "fake-agent.ts");

export interface FakeAgentOptions {
	/** Id of the definition; `fake` when absent. */
	id?: string;
	driver?: Exclude<AgentDriver, "pty">;
	/** Options of fake-agent.ts. */
	args?: readonly string[];
}

/** Returns the definition's id. `home` is the BERTH_HOME. */
export function installFakeAgent(home: string, options: FakeAgentOptions = {}): string {
	const { id = "fake", driver = "acp", args = [] } = options;
	const folder = join(home, "config/agents");
	mkdirSync(folder, { recursive: true });
	const argv = [process.execPath, script, driver, ...args].map((word) => JSON.stringify(word)).join(", ");
	// The protocol resumes and chooses by itself; Claude Code's stream is told by flags.
	const choices = driver === "acp" ? "" : '["--model", "{{model}}"], ["--permission-mode", "{{mode}}"], ';
	const again = `continue = [${argv}, "--resume", "{{conversation}}", ${choices}"{{args}}"]`;
	const manifest = `id = "${id}"
name = "Fake"
executable = ${JSON.stringify(process.execPath)}
driver = "${driver}"

[commands.${driver}]
start = [${argv}, ${choices}"{{args}}"]
${driver === "acp" ? "" : again}
`;
	writeFileSync(join(folder, `${id}.toml`), manifest, { mode: 0o600 });
	return id;
}
