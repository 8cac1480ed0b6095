import { VERSION } from "../../contract/version.ts";
import { EXIT, type Run } from "../command.ts";
import { checkAgents } from "../doctor/agents.ts";
import { attempt, type Finding, ok } from "../doctor/check.ts";
import { checkDaemon } from "../doctor/daemon.ts";
import { checkDisk, checkFiles, checkFolders, checkSettings, checkSockets } from "../doctor/folders.ts";
import { checkNativeLibraries, checkShell } from "../doctor/parts.ts";
import { checkLogout, checkOpenFiles, checkTerminals, checkWatches } from "../doctor/system.ts";
import type { Style } from "../output/style.ts";
import type { doctor } from "../registry/berth.ts";

/** Cells for the names. */
const NAME_WIDTH = 20;

export const run: Run<typeof doctor> = async (cli, { flags }) => {
	const findings: Finding[] = [
		ok("berth", `${VERSION}, Bun ${Bun.version}, ${process.platform} ${process.arch}`),
	];
	const checks: [string, () => Finding[] | Promise<Finding[]>][] = [
		["folders", () => checkFolders(cli)],
		["files", () => checkFiles(cli)],
		["settings", () => checkSettings(cli)],
		["disk", () => checkDisk(cli)],
		["daemon", () => checkDaemon(cli)],
		["agents", () => checkAgents(cli)],
		["sockets", () => checkSockets(cli)],
		["native libraries", () => checkNativeLibraries(cli)],
		["shell", () => checkShell(cli)],
		["terminals", checkTerminals],
		["open files", checkOpenFiles],
		["file watches", checkWatches],
		["after logout", checkLogout],
	];
	for (const [name, check] of checks) findings.push(...(await attempt(name, check)));
	const failed = findings.some(({ status }) => status === "fail");
	if (flags.json) cli.printJson({ ok: !failed, checks: findings });
	else cli.write(findings.map((finding) => lines(finding, cli.style)).join(""));
	return failed ? EXIT.failure : 0;
};

function lines({ name, status, detail, advice }: Finding, style: Style): string {
	const head = `${markOf(status, style)}  ${name.padEnd(NAME_WIDTH)}  ${detail}\n`;
	return advice === null ? head : `${head}      ${" ".repeat(NAME_WIDTH)}  → ${advice}\n`;
}

function markOf(status: Finding["status"], style: Style): string {
	if (status === "ok") return style.green("ok  ");
	return status === "warn" ? style.yellow("warn") : style.red("fail");
}
