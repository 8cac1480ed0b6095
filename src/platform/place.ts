/** Variables that describe the place which a process was started from. A worker lives in a terminal and a session of its own. */
const ofAPlace = [
	// A session of ours.
	/^BERTH_(SESSION|WORKER|SESSION_NAME)$/,
	// A terminal or multiplexer.
	/^(TERM|TERMCAP|COLORTERM|COLUMNS|LINES|WINDOWID|STY|WINDOW|TMUX|TMUX_PANE|VTE_VERSION|TERM_PROGRAM|TERM_PROGRAM_VERSION|TERM_SESSION_ID)$/,
	/^(KITTY|WEZTERM|ALACRITTY|KONSOLE|ITERM|ZELLIJ|VSCODE)_/,
	// A login, which may have ended.
	/^SSH_(TTY|CLIENT|CONNECTION)$/,
	// A shell's bookkeeping.
	/^(_|SHLVL|OLDPWD|PWD)$/,
	// The service manager's word to a daemon.
	/^(NOTIFY_SOCKET|INVOCATION_ID|JOURNAL_STREAM|LISTEN_FDS|LISTEN_PID|LISTEN_FDNAMES|MAINPID|MANAGERPID|SYSTEMD_EXEC_PID)$/,
];

export function belongsToPlace(name: string): boolean {
	return ofAPlace.some((pattern) => pattern.test(name));
}
