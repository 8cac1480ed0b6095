/** What is measured: something that keeps terminals. One instance per run, with a folder of its own. */
export interface Contestant {
	/** As it stands in the table. */
	readonly name: string;
	/** The command as one version line. */
	version(): Promise<string>;
	/** Its file, by which its own processes are told from the sessions' programs. */
	readonly program: string;
	readonly folder: string;
	readonly env: Record<string, string>;
	/** Whether it keeps a screen, and so answers a program's question about the cursor. */
	readonly keepsScreen: boolean;
	/** Starts what serves, if anything does. */
	prepare(): Promise<void>;
	/** A detached session of 80x24 that runs this. */
	start(name: string, argv: string[]): Promise<void>;
	/** Ends it; its program is gone afterwards. */
	end(name: string): Promise<void>;
	attach(name: string): string[];
	/** Makes a session with a shell and shows it. */
	create(name: string): string[];
	/** Lists sessions; null where there is no such command. */
	list(): string[] | null;
	/** The text that the session's screen shows; null when it keeps none. */
	screen(name: string): Promise<string | null>;
}
