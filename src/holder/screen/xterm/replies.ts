/**
 * Makes xterm.js answer like a terminal of its own right: who it is, where the cursor is, what its sizes are, and the kitty keyboard
 * protocol's flags, which it does not know.
 */
import type { Terminal } from "@xterm/headless";
import {
	CELL_PIXELS,
	PRIMARY_ATTRIBUTES,
	SECONDARY_ATTRIBUTES,
	TERMINAL_VERSION,
	TERTIARY_ATTRIBUTES,
} from "../identity.ts";
import type { XtermCore } from "./internals.ts";

/** Entries of one screen's stack, as the protocol's description suggests a limit against being filled up. */
const KITTY_STACK_LIMIT = 8;
/** The flags that exist. */
const KITTY_FLAGS = 0x1f;

/** Kitty keyboard flags: a stack for each screen, the current ones last. */
export class KittyKeyboard {
	readonly #stacks: Record<"normal" | "alternate", number[]> = { normal: [0], alternate: [0] };

	flags(screen: "normal" | "alternate"): number {
		return this.#stacks[screen].at(-1)!;
	}

	push(screen: "normal" | "alternate", flags: number): void {
		const stack = this.#stacks[screen];
		stack.push(flags & KITTY_FLAGS);
		if (stack.length > KITTY_STACK_LIMIT) stack.shift();
	}

	pop(screen: "normal" | "alternate", count: number): void {
		const stack = this.#stacks[screen];
		stack.splice(Math.max(stack.length - Math.max(count, 1), 0));
		if (stack.length === 0) stack.push(0);
	}

	/** `mode` 1 replaces, 2 adds, 3 removes. */
	set(screen: "normal" | "alternate", flags: number, mode: number): void {
		const stack = this.#stacks[screen];
		const now = stack.at(-1)!;
		const given = flags & KITTY_FLAGS;
		stack[stack.length - 1] = mode === 2 ? now | given : mode === 3 ? now & ~given : given;
	}

	reset(): void {
		this.#stacks.normal = [0];
		this.#stacks.alternate = [0];
	}
}

/** Takes over the sequences that are answered or kept here; `reply` carries the answers, `title` reads the title. */
export function installReplies(
	terminal: Terminal,
	core: XtermCore,
	keyboard: KittyKeyboard,
	reply: (text: string) => void,
	title: () => string,
): void {
	const { parser } = terminal;
	const screen = () => terminal.buffer.active.type;
	const first = (params: (number | number[])[]) => (typeof params[0] === "number" ? params[0] : 0);
	const second = (params: (number | number[])[]) => (typeof params[1] === "number" ? params[1] : 0);
	const answered = (text: string) => {
		reply(text);
		return true;
	};
	parser.registerCsiHandler({ final: "c" }, (params) => first(params) === 0 && answered(PRIMARY_ATTRIBUTES));
	parser.registerCsiHandler({ prefix: ">", final: "c" }, () => answered(SECONDARY_ATTRIBUTES));
	parser.registerCsiHandler({ prefix: "=", final: "c" }, () => answered(TERTIARY_ATTRIBUTES));
	parser.registerCsiHandler({ prefix: ">", final: "q" }, () => answered(TERMINAL_VERSION));
	parser.registerCsiHandler({ final: "n" }, (params) => {
		if (first(params) !== 6) return false;
		const { x, y, scrollTop } = core.buffers.active;
		const top = core.coreService.decPrivateModes.origin ? scrollTop : 0;
		// A pending wrap is no column of its own (DEC STD 070, CPR).
		return answered(`\x1b[${y - top + 1};${Math.min(x, terminal.cols - 1) + 1}R`);
	});
	parser.registerCsiHandler({ final: "t" }, (params) => {
		const { width, height } = CELL_PIXELS;
		const { cols, rows } = terminal;
		switch (first(params)) {
			case 14:
				return answered(`\x1b[4;${rows * height};${cols * width}t`);
			case 16:
				return answered(`\x1b[6;${height};${width}t`);
			case 18:
				return answered(`\x1b[8;${rows};${cols}t`);
			case 21:
				return answered(`\x1b]l${title()}\x1b\\`);
			default:
				return false;
		}
	});
	// Grapheme clusters, permanently set (DECRPM).
	parser.registerCsiHandler(
		{ prefix: "?", intermediates: "$", final: "p" },
		(params) => first(params) === 2027 && answered("\x1b[?2027;3$y"),
	);
	parser.registerCsiHandler({ prefix: "?", final: "u" }, () =>
		answered(`\x1b[?${keyboard.flags(screen())}u`),
	);
	parser.registerCsiHandler({ prefix: ">", final: "u" }, (params) => {
		keyboard.push(screen(), first(params));
		return true;
	});
	parser.registerCsiHandler({ prefix: "<", final: "u" }, (params) => {
		keyboard.pop(screen(), first(params));
		return true;
	});
	parser.registerCsiHandler({ prefix: "=", final: "u" }, (params) => {
		keyboard.set(screen(), first(params), second(params) || 1);
		return true;
	});
	// DECRQSS is answered with the other engine's words (queries.ts).
	parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
	parser.registerEscHandler({ final: "c" }, () => {
		keyboard.reset();
		return false;
	});
}
