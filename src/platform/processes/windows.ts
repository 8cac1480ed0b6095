/**
 * Processes on Windows, as far as it tells: parents and start times. There are no groups, sessions or readable environments, so a
 * worker's tree is what descends from its holder.
 */
import type { ProcessInfo, ProcessSystem } from "./process.ts";
import { toolOutput } from "./tool.ts";

const FIELDS = "ProcessId,ParentProcessId,Name,@{n='Start';e={$_.CreationDate.Ticks}}";

interface Row {
	ProcessId: number;
	ParentProcessId: number;
	Name: string;
	Start: number | null;
}

function powershell(command: string): string {
	return toolOutput(["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", command]);
}

function query(filter: string): ProcessInfo[] {
	const text = powershell(
		`@(Get-CimInstance Win32_Process ${filter} | Select-Object ${FIELDS}) | ConvertTo-Json -Compress`,
	);
	if (text.trim() === "") return [];
	const parsed = JSON.parse(text) as Row | Row[];
	return (Array.isArray(parsed) ? parsed : [parsed]).map((row) => ({
		pid: row.ProcessId,
		ppid: row.ParentProcessId,
		pgid: 0,
		sid: 0,
		foregroundGroup: -1,
		state: "S",
		startTime: row.Start ?? 0,
		comm: row.Name,
		ended: false,
	}));
}

export const windows: ProcessSystem = {
	table: () => query(""),
	read: (pid) => query(`-Filter 'ProcessId=${pid}'`)[0] ?? null,
	marked: () => [],
	children: () => null,
	endOf: () => null,
	bootId: () => powershell("(Get-CimInstance Win32_OperatingSystem).LastBootUpTime.Ticks").trim(),
};
