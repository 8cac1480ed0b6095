import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Berth } from "../support/berth.ts";

/** The executable is made by a runtime that would read these by itself; from a checkout, that is what it should do. */
const isExecutable = process.env.BERTH_BINARY !== undefined;

test.if(isExecutable)(
	"files in the folder that berth is called from neither run code in it nor change its environment",
	async () => {
		await using berth = await Berth.home();
		const project = join(berth.home, "project");
		mkdirSync(project);
		writeFileSync(join(project, "bunfig.toml"), 'preload = ["./hostile.ts"]\n');
		writeFileSync(join(project, "hostile.ts"), 'await Bun.write("hostile-ran", "");\n');
		writeFileSync(join(project, ".env"), `BERTH_HOME=${project}/elsewhere\nHOSTILE=1\n`);
		writeFileSync(join(project, ".env.local"), "HOSTILE=1\n");
		// Without BERTH_HOME in the environment, so that the file's would count; below HOME all is the test's own.
		const { BERTH_HOME: _, ...rest } = berth.env;
		const env = { ...rest, XDG_RUNTIME_DIR: join(berth.home, "run") };
		const run = async (args: string[]) => {
			const child = Bun.spawn([process.env.BERTH_BINARY!, ...args], {
				cwd: project,
				env,
				stdio: ["ignore", "pipe", "pipe"],
			});
			return { stdout: await new Response(child.stdout).text(), code: await child.exited };
		};
		const doctor = await run(["doctor"]);
		expect(doctor.stdout).toContain(".local/state/berth");
		expect(doctor.stdout).not.toContain("elsewhere");
		const printed = await run(["exec", "--", "sh", "-c", "echo hostile=$HOSTILE"]);
		expect(printed).toEqual({ stdout: "hostile=\n", code: 0 });
		expect(await Bun.file(join(project, "hostile-ran")).exists()).toBe(false);
	},
);
