/**
 * What the tests' agent does with a prompt, whichever protocol it speaks. The first word chooses; the rest is its argument:
 *
 *   say TEXT       answers TEXT, word by word          think TEXT    thinks TEXT aloud, then answers "thought"
 *   stream N       answers N words in N messages       huge N        one message with N letters
 *   two            two messages with a tool between    tool          a tool call that runs and completes with a diff
 *   plan           a plan, then the plan's progress    image         says what images came: media type and bytes
 *   permit CMD     asks to run CMD, says what came     permit-two    asks for two at once, says what came, in their order
 *   inquire        asks two questions, says what was answered
 *   withdraw       asks, then takes the request back   hang          works until it is interrupted
 *   crash          says something, exits with 3        exit N        exits with N at once
 *   kill           ends itself by SIGKILL              permit-crash  asks, and exits with 3 while that waits
 *   garbage        prints what is no message           overlong N    prints a line of N bytes without an end
 *   deaf           ignores signals and interrupts; deaf all: the end of its input as well
 *   child         starts a process that outlives it; says its pid
 *   stderr TEXT    prints TEXT on standard error       config        says its model and mode
 *   escape         answers with terminal sequences     refuse        ends its turn as refused
 *   fail           the turn ends with an error         bad-update    sends an update that the protocol does not have
 * ACP only:
 *   read PATH [LINE LIMIT] · write PATH TEXT           through the client; says the content, or the refusal
 *   terminal CMD…  runs it in the client's terminal, says output and exit
 *   terminal-hold CMD…  starts it and hangs;           terminal-kill CMD…  starts it, kills it, says how it ended
 *   switch MODE    changes its own mode
 * Anything else is echoed.
 */

/** How a request for permission ended, as the agent heard it. */
export type Outcome = string;

/** What a protocol's server offers to a scenario. */
export interface Talk {
	text(text: string): void;
	thought(text: string): void;
	/** A tool call, or what changed of it. */
	tool(call: ToolCall): void;
	plan(entries: { content: string; status: "pending" | "in_progress" | "completed" }[]): void;
	ask(call: string, command: string): Promise<Outcome>;
	/** Asks two questions: which of two libraries, and which systems of three. */
	inquire(): Promise<Outcome>;
	/** Asks, and takes the request back at once. */
	withdraw(call: string, command: string): Promise<Outcome>;
	/** Bytes on standard output, past the protocol. */
	raw(text: string): void;
	badUpdate(): void;
	readonly model: string;
	readonly mode: string;
	readonly images: { mediaType: string; bytes: number }[];
	/** Resolves when the turn is interrupted. */
	readonly interrupted: Promise<void>;
	/** Scenarios of one protocol alone; false when it has none of that name. */
	special(name: string, argument: string): Promise<boolean>;
}

export interface ToolCall {
	id: string;
	name: string;
	command: string;
	status: "pending" | "in_progress" | "completed" | "failed";
	output?: string;
	diff?: { path: string; oldText: string; newText: string };
}

/** How a turn ends. */
const ends = ["end_turn", "refusal", "cancelled", "error"] as const;
export type End = (typeof ends)[number];

export const isDeaf = (): boolean => deaf;
let deaf = false;
/** Whether it ends with its input. */
export const hearsEnd = (): boolean => hearing;
let hearing = true;
export function deafen(toEnd = false): void {
	deaf = true;
	hearing = !toEnd;
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
}

const never = new Promise<never>(() => {});

export async function play(prompt: string, talk: Talk): Promise<End> {
	const [, name = "", argument = ""] = /^(\S*)\s*([\s\S]*)$/.exec(prompt)!;
	const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
	if (scenario) {
		const end = await scenario(talk, argument);
		return ends.find((one) => one === end) ?? "end_turn";
	}
	if (!(await talk.special(name, argument))) talk.text(`you said: ${prompt}`);
	return "end_turn";
}

/** Without an end of its own it is `end_turn`. */
type Scenario = (talk: Talk, argument: string) => unknown;

const scenarios: Record<string, Scenario> = {
	say(talk, words) {
		for (const word of words.split(/(?<= )/)) talk.text(word);
	},
	think(talk, words) {
		talk.thought(words);
		talk.text("thought");
	},
	async stream(talk, count) {
		for (let n = 1; n <= Number(count); n++) {
			talk.text(`${n} `);
			if (n % 10 === 0) await Bun.sleep(1);
		}
	},
	huge: (talk, length) => talk.text("x".repeat(Number(length))),
	two(talk) {
		talk.text("first");
		talk.tool({ id: "call-1", name: "Bash", command: "true", status: "in_progress" });
		talk.tool({ id: "call-1", name: "Bash", command: "true", status: "completed", output: "nothing" });
		talk.text("second");
	},
	tool(talk) {
		const call = { id: "call-1", name: "Edit", command: "edit" };
		talk.tool({ ...call, status: "pending" });
		talk.tool({ ...call, status: "in_progress" });
		const diff = { path: "/tmp/example.txt", oldText: "one\ntwo\nthree\n", newText: "one\n2\nthree\n" };
		talk.tool({ ...call, status: "completed", output: "edited", diff });
		talk.text("the file is edited");
	},
	plan(talk) {
		talk.plan([
			{ content: "look", status: "in_progress" },
			{ content: "leap", status: "pending" },
		]);
		talk.plan([
			{ content: "look", status: "completed" },
			{ content: "leap", status: "in_progress" },
		]);
		talk.text("planned");
	},
	image: (talk) =>
		talk.text(
			talk.images.map(({ mediaType, bytes }) => `${mediaType} of ${bytes} bytes`).join(", ") || "no image",
		),
	async permit(talk, command) {
		talk.tool({ id: "call-1", name: "Bash", command, status: "pending" });
		const outcome = await talk.ask("call-1", command);
		const status = outcome.startsWith("allow") ? "completed" : "failed";
		talk.tool({ id: "call-1", name: "Bash", command, status, output: outcome });
		talk.text(`permission: ${outcome}`);
	},
	async inquire(talk) {
		talk.text(`answers: ${await talk.inquire()}`);
	},
	async "permit-two"(talk) {
		const outcomes = await Promise.all([talk.ask("call-1", "first"), talk.ask("call-2", "second")]);
		talk.text(`permissions: ${outcomes.join(", ")}`);
	},
	async "permit-crash"(talk) {
		const asked = talk.ask("call-1", "never");
		await Bun.sleep(100);
		process.exit(3);
		await asked;
	},
	async withdraw(talk) {
		talk.text(`withdrawn: ${await talk.withdraw("call-1", "nothing")}`);
	},
	async hang(talk) {
		talk.text("working ");
		await talk.interrupted;
		return "cancelled" as const;
	},
	async crash(talk) {
		talk.text("about to crash");
		talk.tool({ id: "call-1", name: "Bash", command: "boom", status: "in_progress" });
		await Bun.sleep(20);
		process.exit(3);
	},
	async exit(_, code) {
		process.exit(Number(code));
	},
	async kill() {
		process.kill(process.pid, "SIGKILL");
		await never;
	},
	garbage(talk) {
		talk.raw("this is no message\n");
		talk.raw('{"half": \n');
		talk.raw("\u0000\u0001\u001b[31mred\n");
		talk.raw("[1,2,3]\n");
		talk.raw('"a string"\n');
		talk.text("after the garbage");
	},
	async overlong(talk, bytes) {
		const piece = "y".repeat(1024 * 1024);
		for (let left = Number(bytes); left > 0; left -= piece.length) {
			talk.raw(piece.slice(0, left));
			await Bun.sleep(0);
		}
		talk.raw("\n");
		talk.text("after the overlong line");
	},
	async deaf(talk, what) {
		deafen(what === "all");
		talk.text("I hear nothing");
		// An agent that waits for nothing at all would end by itself.
		setInterval(() => {}, 60_000);
		await never;
	},
	child(talk) {
		const child = Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore"] });
		child.unref();
		talk.text(`child ${child.pid}`);
	},
	stderr(talk, text) {
		console.error(text);
		talk.text("complained");
	},
	config: (talk) => talk.text(`model=${talk.model} mode=${talk.mode}`),
	escape: (talk) => talk.text("\x1b[2J\x1b]0;evil\x07\u009b31mred\x1b[0m text\x08\r\nnext"),
	refuse: () => "refusal",
	fail: () => "error",
	"bad-update"(talk) {
		talk.badUpdate();
		talk.text("after the bad update");
	},
};

/** What `inquire` asks, in the words of Claude Code's tool. */
export const QUESTIONS = [
	{
		...{ question: "Which library?", header: "Library", multiSelect: false },
		options: [
			{ label: "Vitest", description: "Fast", preview: "expect(1).toBe(1)" },
			{ label: "Jest", description: "Known" },
		],
	},
	{
		...{ question: "Which systems?", header: "Systems", multiSelect: true },
		options: ["Linux", "macOS", "Windows"].map((label) => ({ label, description: `On ${label}` })),
	},
];
