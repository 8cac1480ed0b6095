/**
 * The caller's environment for a session or a command that it starts: what the user set up in this shell (PATH, a virtual environment,
 * an agent's socket) is there inside as well, as with screen, nohup or a plain `cmd &`.
 */
import type { Env } from "./cli.ts";

/** What describes the caller's own terminal, shell and session; the new terminal has its own. */
const ofThisPlace =
	/^(BERTH_.*|TERM|TERMCAP|COLORTERM|COLUMNS|LINES|WINDOWID|STY|WINDOW|TMUX|TMUX_PANE|VTE_VERSION|TERM_PROGRAM|TERM_PROGRAM_VERSION|TERM_SESSION_ID|(KITTY|WEZTERM|ALACRITTY|KONSOLE|ITERM|ZELLIJ|VSCODE)_.*|SSH_(TTY|CLIENT|CONNECTION)|_|SHELL|SHLVL|PWD|OLDPWD)$/;

/** Names that the API takes; exported shell functions (BASH_FUNC_x%%) have others. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function callerEnvironment(env: Env): Record<string, string> {
	const kept: Record<string, string> = {};
	for (const [name, value] of Object.entries(env)) {
		if (value !== undefined && NAME.test(name) && !ofThisPlace.test(name)) kept[name] = value;
	}
	return kept;
}
