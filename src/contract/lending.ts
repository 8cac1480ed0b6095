/**
 * Lending: a client on the same machine lends its own terminal to the holder, which then reads the keys and shows the output itself. A key
 * then passes one process on its way there and one on its way back, instead of two: tmux's server does the same.
 *
 *   client                              holder
 *   attach { lends: true }     ──→
 *                              ←──  hello { borrows: true }
 *   lend                       ──→                            everything that there is stands on the terminal
 *                              ←──  refused                   there was more; or, from now on, nothing but
 *                              ←──  marks                     … what the client must know when the holder is killed
 *                              ←──  detach, hangup            … the end
 *                              ←──  returned                  … what is too much to be shown in passing, or
 *   return                     ──→                            … what was asked for; output goes on over the connection
 *                              ←──  returned
 *
 * At any time one of the two has the whole terminal: nobody else reads from it or writes to it. Whatever is not small and quick (a flood, a
 * terminal that does not take output, another size, a painting) is the client's. Unix socket only: a terminal is a path on this machine.
 */
import type { AttachRequest, ClientMessage, Hello, ServerMessage } from "./stream.ts";

/** A terminal, so that another process can open it and see that it is the same. */
export interface TerminalIdentity {
	path: string;
	/** Device and inode of the file, and the device that it stands for: equal paths may be two terminals in two containers. */
	file: string;
}

/** What output has left switched on in the terminal that cannot be undone blindly. */
export interface TerminalMarks {
	alternate: boolean;
	origin: boolean;
	tabStops: boolean;
	/** Entries that programs pushed on the kitty keyboard stack of each screen; below zero they took one that was not theirs. */
	keyboard: { primary: number; alternate: number };
	/** The start of a sequence at which the output was cut; Latin-1. */
	tail: string;
}

/** What was typed that may be part of the detach keys, Latin-1, and whether a paste is under way. */
export interface KeyState {
	held: string;
	pasting: boolean;
}

export interface Lend {
	type: "lend";
	terminal: TerminalIdentity;
	/** The client's own process: a terminal whose owner is stopped is not its owner's any more. */
	pid: number;
	/** In the notation of `--detach-keys`. */
	detachKeys: string;
	/** Offset after the last output that stands on the terminal. */
	offset: number;
	marks: TerminalMarks;
}

/** What a client may ask beside an attach's own messages. */
export type LenderMessage = ClientMessage | Lend | { type: "return" };

export type LendingRequest = AttachRequest & { lends?: boolean };

/** What the holder tells a client that lends. */
export type BorrowerMessage =
	| { type: "refused" }
	| { type: "marks"; marks: TerminalMarks }
	| { type: "detach" }
	/** The terminal is gone. */
	| { type: "hangup" }
	/** Output goes on at `offset`. */
	| { type: "returned"; offset: number; marks: TerminalMarks; keys: KeyState };

/** All that a client on the unix socket is told. */
export type LinkServerMessage =
	| Exclude<ServerMessage, Hello>
	| (Hello & { borrows?: boolean })
	| BorrowerMessage;
