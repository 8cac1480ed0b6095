/**
 * What subscribers are told without asking, and how often: a program may change its title at every frame and ring the bell in a
 * loop, but the daemon writes events from it.
 */
import type { Notice } from "../contract/link.ts";

/** Milliseconds between two notices of a kind; the last value of a burst is always told. */
const INTERVAL_MS = {
	title: 100,
	cwd: 100,
	prompt: 0,
	bell: 1000,
	size: 50,
	viewers: 50,
	agent: 50,
	progress: 250,
	notification: 1000,
} as const;

type Limited = keyof typeof INTERVAL_MS;

/** A subscriber is given a notice; it decides itself what to do when it cannot take it. */
export type Subscriber = (notice: Notice) => void;

interface Gate {
	nextAt: number;
	held: Notice | null;
	timer: Timer | null;
}

/** Owned by the worker. Holds a timer only while a notice is being held back. */
export class Notices {
	readonly #ticks: () => number;
	readonly #subscribers = new Set<Subscriber>();
	readonly #gates = new Map<Limited, Gate>();

	constructor(ticks: () => number) {
		this.#ticks = ticks;
	}

	/** Returns the removal. */
	subscribe(subscriber: Subscriber): () => void {
		this.#subscribers.add(subscriber);
		return () => this.#subscribers.delete(subscriber);
	}

	/** Tells at once. */
	tell(notice: Notice): void {
		for (const subscriber of this.#subscribers) subscriber(notice);
	}

	/** Tells at once, or when the kind's interval is over; of several held back only the last is told. */
	tellLimited(notice: Extract<Notice, { kind: Limited }>): void {
		if (this.#subscribers.size === 0) return;
		let gate = this.#gates.get(notice.kind);
		if (gate === undefined) {
			gate = { nextAt: 0, held: null, timer: null };
			this.#gates.set(notice.kind, gate);
		}
		const wait = gate.nextAt - this.#ticks();
		if (wait <= 0 && gate.timer === null) {
			this.#pass(gate, notice);
			return;
		}
		gate.held = notice;
		gate.timer ??= setTimeout(() => this.#release(gate), Math.max(0, wait));
	}

	/** Tells what is held back; nothing is held afterwards. */
	flush(): void {
		for (const gate of this.#gates.values()) if (gate.timer !== null) this.#release(gate);
	}

	#release(gate: Gate): void {
		if (gate.timer !== null) clearTimeout(gate.timer);
		gate.timer = null;
		const { held } = gate;
		gate.held = null;
		if (held !== null) this.#pass(gate, held);
	}

	#pass(gate: Gate, notice: Notice): void {
		gate.nextAt = this.#ticks() + INTERVAL_MS[notice.kind as Limited];
		this.tell(notice);
	}
}
