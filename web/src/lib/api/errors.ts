/** Failures as the page shows them. */
import { BerthError, type ErrorCode } from "../../../../src/contract/errors.ts";

/** The field of a form that a code is about, when the daemon named none. */
const fieldOfCode: Partial<Record<ErrorCode, string>> = {
	invalid_name: "name",
	name_taken: "name",
	invalid_cwd: "cwd",
	invalid_command: "command",
	invalid_size: "cols",
	port_taken: "port",
	no_free_port: "port",
	repository_not_found: "repository",
	invalid_repository: "repository",
	branch_taken: "branch",
	invalid_base: "base",
};

export function sentence(thrown: unknown): string {
	const text = BerthError.from(thrown).message;
	return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The form's field that caused the failure; null when it was none of them. */
export function fieldOf(thrown: unknown): string | null {
	const { code, info } = BerthError.from(thrown);
	const named =
		typeof info?.field === "string" ? info.field.split(/[/.]/).find((part) => part !== "") : undefined;
	return named ?? fieldOfCode[code] ?? null;
}

export function codeOf(thrown: unknown): ErrorCode {
	return BerthError.from(thrown).code;
}
