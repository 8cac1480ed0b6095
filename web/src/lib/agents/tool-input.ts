/** What a tool would be given, as far as its form is common knowledge: edits of files are shown as what they change. Pure. */
import type { Permission } from "../types.ts";

export interface FileChange {
	path: string;
	oldText: string | null;
	newText: string;
}

/** The change that an editing tool asks for; null when the input tells none. */
export function diffOf({ kind, input }: Pick<Permission, "kind" | "input">): FileChange | null {
	if (kind !== "edit" || typeof input !== "object" || input === null) return null;
	const given = input as Record<string, unknown>;
	const path = text(given.file_path) ?? text(given.filePath) ?? text(given.path);
	if (path === null) return null;
	const newText =
		text(given.new_string) ?? text(given.newString) ?? text(given.newText) ?? text(given.content);
	if (newText === null) return null;
	const oldText = text(given.old_string) ?? text(given.oldString) ?? text(given.oldText);
	return { path, oldText, newText };
}

function text(value: unknown): string | null {
	return typeof value === "string" ? value : null;
}
