import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Control, eventually } from "./testing.ts";

setDefaultTimeout(300_000);

const TELL = 'echo "$SECRET $MORE" > "$BERTH_SESSION_NAME.new"; mv "$BERTH_SESSION_NAME.new" told; sleep 60';

test("a session like another has its directory, program, settings and environment, and what was asked for besides", async () => {
	await using control = await Control.start();
	const { sessions } = control;
	const cwd = join(control.home, "work");
	mkdirSync(cwd);
	const model = await control.script("sleep 60", {
		name: "model",
		cwd,
		command: ["/bin/bash", "-c", TELL],
		env: { SECRET: "kept", MORE: "old" },
		tags: ["ci"],
		cols: 101,
		idleTimeoutSeconds: null,
		restart: "on-failure",
		sizePolicy: "smallest",
	});
	await eventually(() => existsSync(join(cwd, "told")), "the first one told");
	const copy = await sessions.create({ like: "model", name: "copy", env: { MORE: "new" }, tags: [] });
	await eventually(() => readFileSync(join(cwd, "told"), "utf8") === "kept new\n", "the second one told");
	const { kind, shell, idleTimeoutSeconds, restart, sizePolicy, port } = model;
	expect(copy).toMatchObject({ kind, shell, cwd, idleTimeoutSeconds, restart, sizePolicy, port, tags: [] });
	expect(copy.workers[0]).toMatchObject({ command: ["/bin/bash", "-c", TELL], cols: 101 });
	expect(copy.id).not.toBe(model.id);
	// No answer tells it.
	expect(JSON.stringify([copy, sessions.list(true)])).not.toContain("kept");
});

test("a shell or a command of its own takes the place of the model's program", async () => {
	await using control = await Control.start();
	const model = await control.script("sleep 60", { name: "model", env: { SECRET: "kept" } });
	const shell = await control.sessions.create({ like: model.id, shell: "/bin/sh" });
	expect(shell.workers[0]!.command).toEqual(["/bin/sh"]);
	const again = await control.sessions.create({ like: shell.id });
	expect(again.workers[0]!.command).toEqual(["/bin/sh"]);
	const command = await control.sessions.create({ like: shell.id, command: ["sleep", "50"] });
	expect(command.workers[0]!.command).toEqual(["sleep", "50"]);
	expect(command.cwd).toBe(control.home);
});

test("a model that is not there is refused, and nothing is made", async () => {
	await using control = await Control.start();
	await expect(control.sessions.create({ like: "nobody" })).rejects.toThrow("there is no session");
	expect(control.sessions.list(true)).toEqual([]);
});
