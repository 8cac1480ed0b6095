/**
 * Where xterm.js needs to be kept from harm. A parameter must not become work: it repeats some operations as often as the number says, up to 2^31 times, also when
 * more than a screen's worth changes nothing. libghostty-vt bounds them itself.
 */
import type { Terminal } from "@xterm/headless";
import type { RepeatedMethod, XtermCore } from "./internals.ts";

/** The functions by final character, and what bounds each. */
const REPEATED: Record<string, { method: RepeatedMethod; bound: "rows" | "cols" | "cells" }> = {
	S: { method: "scrollUp", bound: "rows" },
	T: { method: "scrollDown", bound: "rows" },
	L: { method: "insertLines", bound: "rows" },
	M: { method: "deleteLines", bound: "rows" },
	I: { method: "cursorForwardTab", bound: "cols" },
	Z: { method: "cursorBackwardTab", bound: "cols" },
	b: { method: "repeatPrecedingCharacter", bound: "cells" },
};

export function installLimits(terminal: Terminal, core: XtermCore): void {
	for (const prefix of [undefined, "?"]) {
		// Erasing up to the screen's last cell, xterm.js 6.0 looks for a row below and throws; it is the same as erasing all.
		terminal.parser.registerCsiHandler({ prefix, final: "J" }, (params) => {
			const { x, y } = core.buffers.active;
			if (params[0] !== 1 || x + 1 < terminal.cols || y + 1 < terminal.rows) return false;
			return core._inputHandler.eraseInDisplay({ length: 1, params: [2] }, prefix === "?");
		});
	}
	for (const [final, { method, bound }] of Object.entries(REPEATED)) {
		terminal.parser.registerCsiHandler({ final }, (params) => {
			const { cols, rows } = terminal;
			const most = bound === "rows" ? rows : bound === "cols" ? cols : cols * rows;
			const count = params[0];
			if (typeof count !== "number" || count <= most) return false;
			core._inputHandler[method]({ length: 1, params: [most] });
			return true;
		});
	}
}
