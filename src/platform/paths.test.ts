import { expect, test } from "bun:test";
import { SOCKET_PATH_LIMIT } from "../contract/limits.ts";
import { holderSocket, pathsFrom } from "./paths.ts";

test("BERTH_HOME puts everything below one folder", () => {
	const paths = pathsFrom({ BERTH_HOME: "/home/me/b", XDG_STATE_HOME: "/elsewhere" });
	for (const path of Object.values(paths)) expect(path).toStartWith("/home/me/b/");
});

test("without it the XDG folders are used, then their defaults", () => {
	expect(pathsFrom({ HOME: "/home/me", XDG_RUNTIME_DIR: "/run/user/7" })).toMatchObject({
		state: "/home/me/.local/state/berth",
		configFile: "/home/me/.config/berth/config.toml",
		daemonSocket: "/run/user/7/berth/berth.sock",
	});
});

test("a home too deep for a unix socket gets a short folder that is found again", () => {
	const deep = { BERTH_HOME: `/${"deep/".repeat(40)}home` };
	const socket = holderSocket(pathsFrom(deep), "w_0123456789");
	expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(SOCKET_PATH_LIMIT);
	expect(holderSocket(pathsFrom(deep), "w_0123456789")).toBe(socket);
	expect(pathsFrom({ BERTH_HOME: `/${"deep/".repeat(41)}home` }).run).not.toBe(pathsFrom(deep).run);
});
