/** Who this browser is to the daemon. When a login ends, where the person was is kept for the next one. */
import { covers, type Scope } from "../access.ts";
import { answer, berth, onFinding } from "../api/berth.ts";
import { codeOf } from "../api/errors.ts";
import { forget, isText, remember, remembered } from "./persisted.ts";
import { route } from "./route.svelte.ts";
import { settings } from "./settings.svelte.ts";

/** Milliseconds between looks for a new login while the page explains how to get one. */
const LOOK_AGAIN_MS = 2000;

const RETURN_TO = "return-to";

class Login {
	state = $state<"unknown" | "in" | "out">("unknown");
	scope = $state<Scope | null>(null);
	/** The one session that this login may see; null for all. */
	sessionId = $state<string | null>(null);
	/** Unix milliseconds. */
	expiresAt = $state<number | null>(null);
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor() {
		onFinding((finding) => {
			if (finding === "logged-out" && this.state !== "out") this.#ended();
		});
	}

	may(needed: Scope): boolean {
		return this.scope !== null && covers(this.scope, needed);
	}

	/** Asks the daemon; a login that is found returns to where the last one ended. */
	async look(): Promise<void> {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		try {
			const { scope, sessionId, expiresAt } = await answer(berth.api.login.self.get());
			this.scope = scope;
			this.sessionId = sessionId;
			this.expiresAt = expiresAt;
			this.state = "in";
			this.#return();
			if (scope === "admin") void this.#learnHome();
		} catch (error) {
			if (codeOf(error) !== "unauthorized" && codeOf(error) !== "daemon_unreachable") throw error;
			this.#later();
		}
	}

	async logout(): Promise<void> {
		await answer(berth.api.logout.post());
		this.scope = null;
		this.state = "out";
		forget(RETURN_TO);
		this.#later();
	}

	/** What `~` stands for in paths. */
	async #learnHome(): Promise<void> {
		if (settings.get("home") !== null) return;
		try {
			settings.set("home", (await answer(berth.api.directories.get({ query: { path: "~/" } }))).home);
		} catch {
			// Paths are shown in full then.
		}
	}

	#ended(): void {
		if (this.state === "in" && route.page.name !== "share") remember(RETURN_TO, route.path);
		this.state = "out";
		this.scope = null;
		this.#later();
	}

	/** Another tab may log in at any moment; then this one goes on too. */
	#later(): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = null;
			void this.look();
		}, LOOK_AGAIN_MS);
	}

	#return(): void {
		const path = remembered(RETURN_TO, "", isText);
		forget(RETURN_TO);
		if (path !== "" && route.path === "/") route.go(path, "replace");
	}
}

export const login = new Login();
