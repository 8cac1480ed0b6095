/** The part of the application that is about agents. A part of its own: the compiler follows a chain of plugins only so far. */
import { Elysia } from "elysia";
import type { DaemonContext } from "./context.ts";
import { primaryTarget, workerTarget } from "./http/target.ts";
import { agentRoutes } from "./routes/agents.ts";
import { conversationRoutes } from "./routes/conversation.ts";
import { explanationRoutes } from "./routes/explanation.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { imageRoutes } from "./routes/images.ts";
import { permissionRuleRoutes } from "./routes/permission-rules.ts";
import { permissionRoutes } from "./routes/permissions.ts";
import { promptRoutes } from "./routes/prompts.ts";

export const agentApp = (context: DaemonContext) =>
	new Elysia({ normalize: false })
		.use(agentRoutes(context))
		.use(conversationRoutes(primaryTarget, context))
		.use(conversationRoutes(workerTarget, context))
		.use(promptRoutes(primaryTarget, context))
		.use(promptRoutes(workerTarget, context))
		.use(explanationRoutes(primaryTarget, context))
		.use(explanationRoutes(workerTarget, context))
		.use(imageRoutes(context))
		.use(permissionRuleRoutes(context))
		.use(permissionRoutes(context))
		.use(hookRoutes(context));
