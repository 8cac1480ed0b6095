import { describe, expect, test } from "bun:test";
import { quoteArgv, shellKind } from "./quote.ts";

const words = [
	"plain",
	"",
	"two words",
	"it's",
	'say "hi"',
	"$HOME `id` $(id)",
	"back\\slash\\",
	"a\nb\tc",
	"!!",
	"bang! and\nline",
	"~root",
	"*.ts",
	"=ls",
	"%self",
	"{a,b}",
	"-n",
	"é ß 👍",
	"\x1b[31m",
	"\u00014",
	"a'b\nc\\d!",
	"#no",
	"x=1",
];

describe.each(["bash", "zsh", "fish"])("%s reads exactly the arguments that were quoted for it", (shell) => {
	test.if(Bun.which(shell) !== null)("every awkward word", () => {
		const print = [
			process.execPath,
			"-e",
			"process.stdout.write(JSON.stringify(process.argv.slice(1)))",
			"--",
		];
		const line = quoteArgv([...print, ...words], shellKind(`/bin/${shell}`));
		const { stdout, stderr } = Bun.spawnSync([shell, "-c", line]);
		expect(stderr.toString()).toBe("");
		expect(JSON.parse(stdout.toString())).toEqual(words);
	});
});

test("a line for a shell stays readable where nothing needs quotes", () => {
	expect(quoteArgv(["grep", "-rn", "a b", "./src"], "posix")).toBe("grep -rn 'a b' ./src");
});

test("a word of the shell's grammar is quoted when it comes first", () => {
	expect(quoteArgv(["if", "if"], "posix")).toBe("'if' if");
});

test("a shell is told by its file name, also as a login shell", () => {
	expect(["/usr/bin/fish", "-zsh", "/bin/bash", "/bin/dash"].map(shellKind)).toEqual([
		"fish",
		"posix",
		"posix",
		"other",
	]);
});
