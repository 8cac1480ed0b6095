/** What a call of a tool would change in files, where its input says so: for people who are to allow it. */

/** Texts as they are and as they would be; `oldText` null is a whole file that the tool would write. */
export interface FileChange {
	path: string;
	oldText: string | null;
	newText: string;
}

type Fields = Record<string, unknown>;

/**
 * The changes that an edit tool's input spells out, as Claude Code (`old_string`), opencode (`oldString`) and Gemini name them; empty when it
 * spells out none, and then the input is all there is to show.
 */
export function changesOf(input: unknown): FileChange[] {
	const fields = fieldsOf(input);
	const path = textOf(fields, ["file_path", "filePath", "notebook_path", "path"]);
	if (path === null) return [];
	if (Array.isArray(fields.edits)) {
		const changes = fields.edits.map((edit) => changeOf(path, fieldsOf(edit)));
		return changes.every((change) => change !== null) ? changes : [];
	}
	const change = changeOf(path, fields);
	return change ? [change] : [];
}

function changeOf(path: string, fields: Fields): FileChange | null {
	const newText = textOf(fields, ["new_string", "newString", "newText", "new_source", "content"]);
	if (newText === null) return null;
	return { path, oldText: textOf(fields, ["old_string", "oldString", "oldText"]), newText };
}

function fieldsOf(value: unknown): Fields {
	return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(fields: Fields, names: readonly string[]): string | null {
	for (const name of names) {
		const value = fields[name];
		if (typeof value === "string") return value;
	}
	return null;
}
