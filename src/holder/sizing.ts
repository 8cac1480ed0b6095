/**
 * Which size the terminal has when several clients look at it. Pure: who asks is written down as votes, and a policy chooses.
 *
 *   latest    the client that typed, attached with a size, or claimed last
 *   smallest  what fits everybody
 *   largest   what the biggest window shows
 *   fixed     nobody's window counts; a claim or an explicit resize sets it
 *
 * Viewers have no vote. Without votes the size stays as it is, so that a detach never redraws a program.
 */
import type { SizePolicy } from "../contract/stream.ts";

export interface Size {
	cols: number;
	rows: number;
}

/** One writer's window. `rank` grows with every sign that its person is the one at work. */
export interface SizeVote extends Size {
	rank: number;
}

/** The size that the policy wants. */
export function chooseSize(policy: SizePolicy, votes: Iterable<SizeVote>, current: Size): Size {
	const all = [...votes];
	const first = all[0];
	if (first === undefined || policy === "fixed") return current;
	switch (policy) {
		case "latest": {
			const { cols, rows } = all.reduce((latest, vote) => (vote.rank > latest.rank ? vote : latest), first);
			return { cols, rows };
		}
		case "smallest":
			return { cols: extreme(all, "cols", Math.min), rows: extreme(all, "rows", Math.min) };
		case "largest":
			return { cols: extreme(all, "cols", Math.max), rows: extreme(all, "rows", Math.max) };
	}
}

function extreme(votes: SizeVote[], side: keyof Size, pick: (...values: number[]) => number): number {
	return pick(...votes.map((vote) => vote[side]));
}

export function sameSize(a: Size, b: Size): boolean {
	return a.cols === b.cols && a.rows === b.rows;
}

/**
 * The votes of a worker's clients, and the size that follows from them. A key is whatever identifies the client; the caller adds
 * writers only.
 */
export class Sizing<Client> {
	readonly #policy: SizePolicy;
	readonly #votes = new Map<Client, SizeVote>();
	#rank = 0;
	#current: Size;

	constructor(policy: SizePolicy, initial: Size) {
		this.#policy = policy;
		this.#current = { cols: initial.cols, rows: initial.rows };
	}

	get current(): Size {
		return this.#current;
	}

	/** The client that showed last that its person is at work; null while nobody has a vote. */
	get latest(): Client | null {
		let latest: { client: Client; rank: number } | null = null;
		for (const [client, { rank }] of this.#votes) if (rank > (latest?.rank ?? 0)) latest = { client, rank };
		return latest?.client ?? null;
	}

	voteOf(client: Client): SizeVote | undefined {
		return this.#votes.get(client);
	}

	/** The client's window has this size. A changed window is a sign of its person being there. */
	vote(client: Client, size: Size): Size {
		this.#votes.set(client, { cols: size.cols, rows: size.rows, rank: ++this.#rank });
		return this.#choose();
	}

	/** The client typed. */
	typed(client: Client): Size {
		const vote = this.#votes.get(client);
		// Most input comes from the client that is the latest already.
		if (vote === undefined || vote.rank === this.#rank) return this.#current;
		vote.rank = ++this.#rank;
		return this.#choose();
	}

	/** The client asks for the size: it becomes the latest, and under `fixed` the size is set to its window's. */
	claim(client: Client): Size {
		const vote = this.#votes.get(client);
		if (vote === undefined) return this.#current;
		vote.rank = ++this.#rank;
		if (this.#policy === "fixed") this.#current = { cols: vote.cols, rows: vote.rows };
		return this.#choose();
	}

	left(client: Client): Size {
		this.#votes.delete(client);
		return this.#choose();
	}

	/** An explicit resize: it holds until a vote changes something. */
	set(size: Size): Size {
		this.#current = { cols: size.cols, rows: size.rows };
		return this.#current;
	}

	#choose(): Size {
		this.#current = chooseSize(this.#policy, this.#votes.values(), this.#current);
		return this.#current;
	}
}
