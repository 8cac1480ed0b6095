/** What routes work with: made once by main (or a test) and handed down. */
import type { Store } from "../store/store.ts";
import type { Log } from "./log.ts";
import type { Agents } from "./services/agents/agents.ts";
import type { AgentDefinitions } from "./services/agents/definitions.ts";
import type { Feed } from "./services/feed.ts";
import type { SessionsService } from "./services/sessions-service.ts";
import type { Tickets } from "./services/tickets.ts";
import type { Tokens } from "./services/tokens.ts";
import type { Traffic } from "./services/traffic.ts";

export interface DaemonContext {
	store: Store;
	sessions: SessionsService;
	agents: Agents;
	definitions: AgentDefinitions;
	tokens: Tokens;
	tickets: Tickets;
	feed: Feed;
	traffic: Traffic;
	log: Log;
	/** Unix milliseconds. */
	now: () => number;
	startedAt: number;
	/** Proves to whoever can read the daemon's private file that this is the daemon (platform/daemon-file.ts). */
	nonce: string;
	/** argv that starts this program in another role; asked each time, since the file may be gone by then. */
	selfArgv: () => readonly string[];
	/** Environment of helper processes: only what they need to find our folders. */
	helperEnv: Record<string, string>;
	/** The user's home directory: what ~ stands for. */
	home: string;
	/** Base URL for people: `http://127.0.0.1:19999`; null while there is no TCP port. */
	baseUrl: () => string | null;
	/** Aborted when the daemon stops: open streams end. */
	stopping: AbortSignal;
}
