/** What answers requests, put together over services that are there: for the daemon, and for tests without a listener. */
import type { Settings } from "../platform/config.ts";
import { createApp } from "./app.ts";
import type { DaemonContext } from "./context.ts";
import { createGateway, type Gateway } from "./http/gateway.ts";
import { OriginPolicy } from "./http/origins.ts";
import type { ControlPlane } from "./services/control-plane.ts";
import { Tickets } from "./services/tickets.ts";

type Parts = Omit<DaemonContext, "sessions" | "agents" | "definitions" | "tickets">;

export interface Assembled {
	context: DaemonContext;
	app: ReturnType<typeof createApp>;
	gateway: Gateway;
}

export function assemble(parts: Parts, control: ControlPlane, settings: Settings): Assembled {
	const { sessions, agents, definitions } = control;
	const { log, tokens, traffic, now } = parts;
	const context: DaemonContext = { ...parts, sessions, agents, definitions, tickets: new Tickets(now) };
	const app = createApp(context);
	const gateway = createGateway({
		...{ log, tokens, traffic },
		origins: new OriginPolicy(settings),
		handle: (request) => app.handle(request),
	});
	return { context, app, gateway };
}
