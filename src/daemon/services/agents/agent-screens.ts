/** Whose screens are watched, by which rules: those of the agent's definition, as its file has them now. */
import type { AgentExplanation } from "../../../contract/agent.ts";
import type { AgentManifest } from "../../../contract/agent-definition.ts";
import type { ControlContext } from "../control-context.ts";
import type { LivingNotice } from "../news.ts";
import type { Supervisor } from "../supervisor.ts";
import { FolderWatch } from "./folder-watch.ts";
import { ScreenRules } from "./screen-rules.ts";
import { ScreenWatch, type Seen } from "./screen-watch.ts";

const NO_RULES = new ScreenRules([]);

export class AgentScreens {
	readonly #context: ControlContext;
	readonly #watch: ScreenWatch;
	readonly #folder: FolderWatch;
	/** A definition that has changed is another manifest. */
	readonly #compiled = new WeakMap<AgentManifest, ScreenRules>();

	constructor(context: ControlContext, supervisor: Supervisor, seen: (workerId: string, seen: Seen) => void) {
		const { now, monotonic, log, paths } = context;
		this.#context = context;
		this.#watch = new ScreenWatch({
			client: (workerId) => supervisor.client(workerId),
			rules: (definition) => this.#rulesOf(definition),
			seen,
			onFailure: (worker, error) =>
				log("error", "an agent's screen could not be looked at", { worker, error: String(error) }),
			now,
			monotonic,
		});
		this.#folder = new FolderWatch(paths.agentsFolder, () => this.#watch.lookAtAll());
	}

	watch(workerId: string, definition: string): void {
		this.#folder.begin();
		this.#watch.watch(workerId, definition);
	}

	/** Whether it is an agent with a screen of its own, that lives. */
	watches(workerId: string): boolean {
		return this.#watch.watches(workerId);
	}

	forget(workerId: string): void {
		this.#watch.forget(workerId);
	}

	noticed(workerId: string, notice: LivingNotice): void {
		this.#watch.noticed(workerId, notice);
	}

	/** The screen as it is now, and what each rule makes of it; no screen while its holder does not answer. */
	async explain(workerId: string, definition: string): Promise<Pick<AgentExplanation, "screen" | "rules">> {
		const picture = await this.#watch.picture(workerId);
		if (picture === null) return { screen: null, rules: [] };
		return { screen: picture.lines.join("\n"), rules: this.#rulesOf(definition).explain(picture) };
	}

	stop(): void {
		this.#folder.stop();
		this.#watch.stop();
	}

	#rulesOf(definition: string): ScreenRules {
		// A definition may have been removed since the agent was started.
		const manifest = this.#context.definitions.known(definition)?.manifest;
		if (!manifest?.screen) return NO_RULES;
		const compiled = this.#compiled.get(manifest) ?? new ScreenRules(manifest.screen);
		this.#compiled.set(manifest, compiled);
		return compiled;
	}
}
