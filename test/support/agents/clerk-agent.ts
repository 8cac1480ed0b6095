/**
 * An agent with a screen of its own, as real ones have: it takes pasted text, works when Return comes after it, shows that it works, and
 * stops at Escape. Each prompt that it takes is a line of JSON in the file that it is given.
 *
 *   bun clerk-agent.ts FILE [--plain] [--model MODEL] [--resume ID]
 *
 * `--plain` asks for no marks around pastes. `/model MODEL` changes the model while it runs, but to one it does not know: `none`. The model
 * `broken` ends it before it has shown anything. A prompt that begins with `slow` is begun late: first it draws nothing that tells anything,
 * then its prompt, and only then it works. The first Return after one that begins with `lost` is lost, as its screen is just drawn anew.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** Milliseconds that it works, for somebody to see it. */
const WORK_MS = 1200;

/** Milliseconds for each thing that it draws before it begins late, for somebody to see it twice. */
const LATE_MS = 2500;

/** Milliseconds in which it shows nothing while it draws its screen anew. */
const BLANK_MS = 500;

const PASTE = /^\x1b\[200~([\s\S]*?)\x1b\[201~/;
const UNFINISHED_PASTE = /^\x1b\[200~(?![\s\S]*\x1b\[201~)/;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		plain: { type: "boolean" },
		model: { type: "string", default: "usual" },
		resume: { type: "string" },
	},
});
const file = positionals[0]!;
let model = values.model;
if (model === "broken") {
	console.error("there is no model broken");
	process.exit(3);
}
let unread = "";
let line = "";
let working: Timer | null = null;
let lost = false;
const said: string[] = [`clerk is here, with ${model}${values.resume ? ` and ${values.resume}` : ""}`];

function paint(last: string): void {
	process.stdout.write(`\x1b[2J\x1b[H${[...said.slice(-10), last].join("\r\n")}`);
}

function settle(text: string): void {
	working = null;
	said.push(text);
	paint(`> ${line}`);
}

function submit(): void {
	const text = line.replaceAll("\r", "\n");
	if (text.startsWith("lost") && !lost) {
		lost = true;
		paint("");
		working = setTimeout(() => settle("here again"), BLANK_MS);
		return;
	}
	line = "";
	if (text === "") return;
	const [, wanted] = /^\/model (\S+)$/.exec(text) ?? [];
	if (wanted !== undefined) {
		if (wanted !== "none") model = wanted;
		settle(wanted === "none" ? "there is no model none" : `Model set to ${model}`);
		return;
	}
	appendFileSync(file, `${JSON.stringify(text)}\n`);
	if (text.startsWith("slow")) beginLate(text);
	else work(text);
}

function beginLate(text: string): void {
	paint("one moment");
	working = setTimeout(() => {
		paint("> ");
		working = setTimeout(() => work(text), LATE_MS);
	}, LATE_MS);
}

function work(text: string): void {
	working = setTimeout(
		() => settle(`answer to ${text.split("\n")[0]} by ${model}`),
		text.startsWith("hang") ? 3_600_000 : WORK_MS,
	);
	paint("working (esc to interrupt)");
}

function take(key: string): void {
	if (key === "\x1b" && working) {
		clearTimeout(working);
		settle("stopped");
	} else if (key === "\r") submit();
	else if (key === "\x7f") line = line.slice(0, -1);
	else if (key !== "\x1b") line += key;
}

process.stdin.setRawMode(true);
process.stdin.on("data", (bytes) => {
	unread += bytes.toString("utf8");
	while (unread !== "" && !UNFINISHED_PASTE.test(unread)) {
		const paste = PASTE.exec(unread);
		if (paste) line += paste[1]!;
		else take(unread[0]!);
		unread = unread.slice(paste ? paste[0].length : 1);
	}
	if (!working) paint(`> ${line.split("\r")[0]}`);
});
if (!values.plain) process.stdout.write("\x1b[?2004h");
paint("> ");
