import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultSettings, loadSettings, settingKinds } from "./config.ts";
import { pathsFrom } from "./paths.ts";

const home = mkdtempSync(join(tmpdir(), "config-"));
const paths = pathsFrom({ BERTH_HOME: home });
mkdirSync(paths.config, { recursive: true });
afterAll(() => rmSync(home, { recursive: true, force: true }));

function file(text: string): void {
	writeFileSync(paths.configFile, text);
}

test("the environment wins over the file, and a flag over both", () => {
	file('port = 1000\nshell = "/bin/zsh"\n');
	expect(loadSettings(paths, {})).toMatchObject({ port: 1000, shell: "/bin/zsh", pty: "bun" });
	expect(loadSettings(paths, { BERTH_PORT: "2000" }).port).toBe(2000);
	expect(loadSettings(paths, { BERTH_PORT: "2000" }, { port: 3000 }).port).toBe(3000);
});

test("keys may be written in kebab, snake or camel case", () => {
	for (const key of ["idle-timeout-seconds", "idle_timeout_seconds", "idleTimeoutSeconds"]) {
		file(`${key} = 60\n`);
		expect(loadSettings(paths, {}).idleTimeoutSeconds).toBe(60);
	}
});

test("a typing mistake is an error that names the key, never a silent default", () => {
	file("prot = 1000\n");
	expect(() => loadSettings(paths, {})).toThrow('"prot"');
	file('port = "a lot"\n');
	expect(() => loadSettings(paths, {})).toThrow("port must be");
	file("port = = 1\n");
	expect(() => loadSettings(paths, {})).toThrow("not valid TOML");
	file('pty = "tmux"\n');
	expect(() => loadSettings(paths, {})).toThrow("bun or bun-pty");
	file("");
	for (const value of ["70000", "-1", "x", "1.5"]) {
		expect(() => loadSettings(paths, { BERTH_PORT: value })).toThrow("BERTH_PORT");
	}
});

test("every setting has a default of its own kind and an environment variable of its own", () => {
	const variables = Object.values(settingKinds).map((kind) => kind.env);
	expect(new Set(variables).size).toBe(variables.length);
	file("");
	expect(loadSettings(paths, {})).toEqual(defaultSettings);
});
