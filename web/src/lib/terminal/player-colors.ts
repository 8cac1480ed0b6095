/** The terminal's colours as the variables of asciinema's player, which inherits them from the element around it. */
import { themes } from "./themes.ts";

const palette = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
const bright = [
	"brightBlack",
	"brightRed",
	"brightGreen",
	"brightYellow",
	"brightBlue",
	"brightMagenta",
	"brightCyan",
	"brightWhite",
] as const;

export function playerColors(theme: "light" | "dark"): string {
	const colors = themes[theme];
	return [
		`--term-color-foreground: ${colors.foreground}`,
		`--term-color-background: ${colors.background}`,
		...[...palette, ...bright].map((name, index) => `--term-color-${index}: ${colors[name]}`),
	].join("; ");
}
