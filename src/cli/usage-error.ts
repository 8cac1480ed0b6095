/** How a command was called is wrong: exit status 2, and the way to its help. */
export class UsageError extends Error {
	readonly command: string | null;

	constructor(message: string, command: string | null = null) {
		super(message);
		this.name = "UsageError";
		this.command = command;
	}
}
