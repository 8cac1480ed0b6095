import { expect, test } from "bun:test";
import { parseTable } from "./darwin.ts";

test("rows of macOS's ps become processes, names with blanks and all", () => {
	const text = [
		"    1     0     1      0 Ss   Mon Nov  2 09:15:01 2026     launchd",
		"  501   500   501    777 S+   Fri Nov 20 10:00:59 2026     Google Chrome He",
		"  777   501   777    777 Z    Fri Nov 20 10:01:00 2026     (zsh)",
		"  778   501   778     -1 T    Fri Nov 20 10:01:00 2026     vim",
		"",
	].join("\n");
	expect(parseTable(text)).toEqual([
		{
			pid: 1,
			ppid: 0,
			pgid: 1,
			sid: 0,
			foregroundGroup: -1,
			state: "S",
			startTime: Date.UTC(2026, 10, 2, 9, 15, 1),
			comm: "launchd",
			ended: false,
		},
		{
			pid: 501,
			ppid: 500,
			pgid: 501,
			sid: 0,
			foregroundGroup: 777,
			state: "S",
			startTime: Date.UTC(2026, 10, 20, 10, 0, 59),
			comm: "Google Chrome He",
			ended: false,
		},
		{
			pid: 777,
			ppid: 501,
			pgid: 777,
			sid: 0,
			foregroundGroup: 777,
			state: "Z",
			startTime: Date.UTC(2026, 10, 20, 10, 1, 0),
			comm: "(zsh)",
			ended: true,
		},
		{
			pid: 778,
			ppid: 501,
			pgid: 778,
			sid: 0,
			foregroundGroup: -1,
			state: "T",
			startTime: Date.UTC(2026, 10, 20, 10, 1, 0),
			comm: "vim",
			ended: false,
		},
	]);
});
