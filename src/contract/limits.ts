/** Numbers that somebody may want to change: each with its unit and its reason. */

/** Bytes of output kept per worker on disk; the oldest segments go first. */
export const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;

/** Bytes per journal segment. A trim drops whole segments, so this is also the trim's granularity. */
export const JOURNAL_SEGMENT_BYTES = 4 * 1024 * 1024;

/** Lines of scrollback that the screen keeps for a repaint. */
export const SCROLLBACK_LINES = 10_000;

/** Bytes queued for one attached client before its queue is dropped and it is resynced with a snapshot. */
export const CLIENT_QUEUE_BYTES = 1024 * 1024;

/** Bytes in one frame of the holder protocol; a longer one is a broken peer, not a big message. */
export const FRAME_LIMIT_BYTES = 64 * 1024 * 1024;

/** Bytes of one input, keys or run request. Above it the caller should send a file. */
export const INPUT_LIMIT_BYTES = 4 * 1024 * 1024;

/** Smallest and largest terminal, in cells. The upper bound keeps one screen's memory bounded. */
export const SIZE_LIMITS = { minCols: 2, maxCols: 1000, minRows: 1, maxRows: 1000 } as const;

/** The size of a terminal that nobody asked a size for, in cells (VT100). */
export const DEFAULT_SIZE = { cols: 80, rows: 24 } as const;

/** TCP ports given to sessions, on loopback; both ends included. */
export const SESSION_PORTS = { first: 20_000, last: 20_999 } as const;

/** The daemon's TCP port, on loopback. */
export const DAEMON_PORT = 19_999;

/** Milliseconds between hang-up, terminate and kill while closing; together well below the 10 s an answer may take. */
export const CLOSE_STEPS_MS = { hangUp: 1500, terminate: 3000, kill: 2500 } as const;

/** Milliseconds a kill may take before it is reported as failed. */
export const KILL_LIMIT_MS = 2000;

/** Milliseconds a worker may stay `starting`; the deadline is stored, so a daemon's restart cannot leave it stuck. */
export const START_DEADLINE_MS = 15_000;

/** Milliseconds a worker may stay `stopping` before the daemon kills what is left of it. */
export const STOP_DEADLINE_MS = 15_000;

/** Milliseconds a one-time login ticket lives. */
export const TICKET_LIFETIME_MS = 60_000;

/** Events kept: whichever bound is reached first drops the oldest. Age in milliseconds. */
export const EVENT_RETENTION = { count: 100_000, ageMs: 30 * 24 * 3600 * 1000 } as const;

/** Milliseconds `run` and `wait` wait when the caller named no limit, and the most they accept. */
export const WAIT_LIMITS_MS = { run: 0, wait: 30_000, longest: 24 * 3600 * 1000 } as const;

/** The longest path of a unix socket, in bytes: `sun_path` is 108 with its terminator on Linux, 104 on macOS. */
export const SOCKET_PATH_LIMIT = 103;

/** Bytes of output in one answer of `run`; of a longer one the end is given. Fits a frame with its line ends escaped. */
export const RUN_OUTPUT_LIMIT_BYTES = 32 * 1024 * 1024;

/** Milliseconds that a request for permission waits for an answer unless configured; then the agent is denied. */
export const PERMISSION_TIMEOUT_MS = 5 * 60_000;

/** Milliseconds for which a structured agent that is starting may say nothing, unless configured; then it is ended. */
export const AGENT_START_TIMEOUT_MS = 2 * 60_000;

/** Bytes of one image: above what any agent's model takes. */
export const IMAGE_LIMIT_BYTES = 20 * 1024 * 1024;

/** Bytes of one message of a structured agent's protocol. A longer line is no message but a fault, and is told as one. */
export const AGENT_MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024;

/** Prompts that may wait for one agent. */
export const PROMPT_QUEUE_LIMIT = 100;

/** Milliseconds that a prompt may be `claimed` before it counts as never sent. */
export const PROMPT_CLAIM_MS = 30_000;

/** Milliseconds that a prompt may be `stopping` before it counts as stopped, whatever its agent does. */
export const PROMPT_STOP_MS = 30_000;
