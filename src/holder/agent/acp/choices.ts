/**
 * Models and modes that an agent offers, and how each is chosen: as configuration options (category `model`, `mode`), as modes, or as
 * models the way agents told them before the protocol had options for it.
 */

import type { Choice } from "../../../contract/agent.ts";
import type { Learned } from "../../../contract/agent-log.ts";
import { BerthError } from "../../../contract/errors.ts";
import { type Json, jsonOf, listOf, textOf } from "../json.ts";

/** Sends one request of the session. */
export type Ask = (method: string, params: Json) => Promise<unknown>;

type Noun = "model" | "mode";

interface Offer {
	choices: Choice[];
	current: string | null;
	choose: (id: string, ask: Ask) => Promise<unknown>;
}

export class Choices {
	readonly #offers: { [N in Noun]?: Offer } = {};

	/** What the answer to new, load or resume tells. */
	session(answer: Json): Learned {
		const modes = jsonOf(answer.modes);
		if (Array.isArray(modes.availableModes)) {
			this.#offers.mode = {
				choices: listOf(modes.availableModes).flatMap((mode) => choiceOf(mode.id, mode.name)),
				current: textOf(modes.currentModeId),
				choose: (modeId, ask) => ask("session/set_mode", { modeId }),
			};
		}
		const models = jsonOf(answer.models);
		if (Array.isArray(models.availableModels)) {
			this.#offers.model = {
				choices: listOf(models.availableModels).flatMap((model) => choiceOf(model.modelId, model.name)),
				current: textOf(models.currentModelId),
				choose: (modelId, ask) => ask("session/set_model", { modelId }),
			};
		}
		this.options(answer.configOptions);
		return this.#learned();
	}

	/** Configuration options, whose word counts above the other ways. */
	options(configOptions: unknown): Learned {
		for (const option of listOf(configOptions)) {
			const noun = option.category;
			const id = textOf(option.id);
			if ((noun !== "model" && noun !== "mode") || option.type !== "select" || id === null) continue;
			this.#offers[noun] = {
				choices: listOf(option.options)
					.flatMap((entry) => (Array.isArray(entry.options) ? listOf(entry.options) : [entry]))
					.flatMap(({ value, name }) => choiceOf(value, name)),
				current: textOf(option.currentValue),
				choose: (value, ask) => ask("session/set_config_option", { configId: id, value }),
			};
		}
		return this.#learned();
	}

	/** The agent has changed its mode. */
	mode(id: string): Learned {
		if (this.#offers.mode) this.#offers.mode.current = id;
		return { mode: id };
	}

	/** Chooses by id or by name. Throws `agent_refused`. */
	async choose(noun: Noun, wanted: string, ask: Ask): Promise<Learned> {
		const offer = this.#offers[noun];
		if (!offer) throw new BerthError("agent_refused", `the agent offers no choice of ${noun}`);
		const { choices } = offer;
		const choice =
			choices.find(({ id }) => id === wanted) ??
			choices.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
		if (!choice) {
			const ids = choices.map(({ id }) => id).join(", ");
			throw new BerthError("agent_refused", `the agent has no ${noun} ${wanted}; it has ${ids}`);
		}
		const answer = await offer.choose(choice.id, ask);
		offer.current = choice.id;
		return { ...this.options(jsonOf(answer).configOptions), [noun]: choice.id };
	}

	#learned(): Learned {
		const { model, mode } = this.#offers;
		return {
			...(model ? { models: model.choices, model: model.current } : {}),
			...(mode ? { modes: mode.choices, mode: mode.current } : {}),
		};
	}
}

function choiceOf(id: unknown, name: unknown): Choice[] {
	return typeof id === "string" ? [{ id, name: textOf(name) ?? id }] : [];
}
