/** Everything about permissions, put together: requests, rules, hooks. Owned by the runtime of agents. */
import type { ControlContext } from "../control-context.ts";
import type { Supervisor } from "../supervisor.ts";
import { HookRequests } from "./hook-requests.ts";
import { Hooks } from "./hooks.ts";
import { PermissionRules } from "./permission-rules.ts";
import { Permissions } from "./permissions.ts";
import type { StateSink } from "./sinks.ts";

export class Asking {
	readonly rules: PermissionRules;
	readonly permissions: Permissions;
	readonly hooks: Hooks;
	readonly #requests: HookRequests;

	constructor(context: ControlContext, supervisor: Supervisor, states: Pick<StateSink, "hook">) {
		const { store, env, now, monotonic, log, settings } = context;
		const rules = new PermissionRules({ store, home: env.HOME || "/", now });
		const holder = (workerId: string) => supervisor.client(workerId);
		const permissions = new Permissions({ store, rules, holder, log });
		const timeoutMs = settings.permissionTimeoutSeconds * 1000;
		this.#requests = new HookRequests({ store, permissions, rules, states, timeoutMs, now, monotonic, log });
		this.hooks = new Hooks({ store, rules, requests: this.#requests, states, now });
		this.rules = rules;
		this.permissions = permissions;
	}

	/** Takes up what waited while no daemon ran. Call when workers have been taken up. */
	start(): void {
		this.#requests.start();
	}

	stop(): void {
		this.#requests.stop();
		this.permissions.stop();
	}
}
