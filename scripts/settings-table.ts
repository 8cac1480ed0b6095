/** Writes the README's configuration reference from the settings themselves; `--check` only compares. */
import { join } from "node:path";
import { defaultSettings, type Settings, settingKinds } from "../src/platform/config.ts";

const MARKS = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/;

export function settingsTable(): string {
	const rows = (Object.keys(settingKinds) as (keyof Settings)[]).map((name) => {
		const { env, meaning, choices } = settingKinds[name];
		const choice = choices ? ` (${choices.join(", ")})` : "";
		return `| \`${name}\` | \`${env}\` | \`${JSON.stringify(defaultSettings[name])}\` | ${meaning}${choice} |`;
	});
	return ["| key | variable | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The README with today's table in it. */
export function withSettings(readme: string): string {
	return readme.replace(MARKS, (_, start: string, end: string) => `${start}${settingsTable()}\n${end}`);
}

if (import.meta.main) {
	const file = join(import.meta.dir, "../README.md");
	const readme = await Bun.file(file).text();
	if (withSettings(readme) === readme) console.log("the README's settings are up to date");
	else if (process.argv.includes("--check")) {
		console.error("README.md: the settings table is old; run: bun scripts/settings-table.ts");
		process.exit(1);
	} else await Bun.write(file, withSettings(readme));
}
