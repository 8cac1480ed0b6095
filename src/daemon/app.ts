/** The HTTP application: one plugin per noun, and what all of them share. Knows nothing of listeners. */
import { Elysia } from "elysia";
import { BerthError } from "../contract/errors.ts";
import { agentApp } from "./agent-app.ts";
import type { DaemonContext } from "./context.ts";
import { authorize } from "./http/authorize.ts";
import { readBody } from "./http/body.ts";
import { FACTS } from "./http/operation.ts";
import { asBerthError, problemResponse } from "./http/problems.ts";
import { readNumbers } from "./http/query.ts";
import { allowedMethods } from "./http/route-table.ts";
import { primaryTarget, workerTarget } from "./http/target.ts";
import type { DocumentedRoute } from "./openapi/document.ts";
import { activityRoutes } from "./routes/activity.ts";
import { attachRoutes } from "./routes/attach.ts";
import { directoryRoutes } from "./routes/directories.ts";
import { docsRoutes } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { inputRoutes } from "./routes/input.ts";
import { journalRoutes } from "./routes/journal.ts";
import { lifecycleRoutes } from "./routes/lifecycle.ts";
import { loginRoutes } from "./routes/login.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { pausingRoutes } from "./routes/pausing.ts";
import { repositoryRoutes } from "./routes/repositories.ts";
import { runRoutes } from "./routes/run.ts";
import { screenRoutes } from "./routes/screen.ts";
import { selfRoutes } from "./routes/self.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { webRoutes } from "./routes/web.ts";
import { workerRoutes } from "./routes/workers.ts";
import { worktreeRoutes } from "./routes/worktree.ts";
import { Git } from "./services/git.ts";
import { Reading } from "./services/reading.ts";
import { Repositories } from "./services/repositories.ts";

export function createApp(context: DaemonContext) {
	const { sessions, selfArgv, helperEnv, log } = context;
	const reading = new Reading({ sessions, selfArgv, env: helperEnv });
	const { store, home, now } = context;
	const repositories = new Repositories({ store, git: new Git(helperEnv), home, now });
	let table: Map<string, DocumentedRoute> | null = null;
	/** Elysia's own record of what it serves; read when first needed, since plugins are still being added here. */
	const routes = (): readonly DocumentedRoute[] => app.routes as readonly DocumentedRoute[];
	const routeOf = ({ method }: Request, path: string): DocumentedRoute | undefined => {
		table ??= new Map(routes().map((route) => [`${route.method} ${route.path}`, route]));
		return table.get(`${method === "HEAD" ? "GET" : method} ${path}`);
	};
	const factsOf = (request: Request, path: string) => routeOf(request, path)?.hooks.detail?.[FACTS];

	const allow = (request: Request, path: string, params: { ref?: string | null } | undefined): void =>
		authorize(factsOf(request, path), request, params?.ref, sessions);

	const app = new Elysia({ normalize: false })
		.onError(({ error, code, request }) => {
			const failure = code === "NOT_FOUND" ? unknownPath(request, routes()) : asBerthError(error);
			if (failure.code === "internal") {
				const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
				log("error", `${request.method} ${new URL(request.url).pathname}: ${cause}`);
			}
			const methods = failure.code === "method_not_allowed" ? (failure.info?.allowed as string[]) : null;
			return problemResponse(failure, methods === null ? {} : { allow: methods.join(", ") });
		})
		.onParse(({ request, route, params }) => {
			// Not a byte of a body is read for somebody who may not send it.
			allow(request, route, params);
			return readBody(request, factsOf(request, route)?.body);
		})
		.onTransform(({ request, route, params, query }) => {
			allow(request, route, params);
			readNumbers(routeOf(request, route)?.hooks.query, query);
		})
		.use(healthRoutes(context))
		.use(sessionRoutes(context))
		.use(workerRoutes(context))
		.use(worktreeRoutes(context))
		.use(pausingRoutes(context))
		.use(repositoryRoutes(repositories))
		.use(lifecycleRoutes(primaryTarget, context))
		.use(lifecycleRoutes(workerTarget, context))
		.use(inputRoutes(primaryTarget, context))
		.use(inputRoutes(workerTarget, context))
		.use(runRoutes(primaryTarget, context))
		.use(runRoutes(workerTarget, context))
		.use(screenRoutes(primaryTarget, reading))
		.use(screenRoutes(workerTarget, reading))
		.use(journalRoutes(primaryTarget, context))
		.use(journalRoutes(workerTarget, context))
		.use(activityRoutes(primaryTarget, context))
		.use(activityRoutes(workerTarget, context))
		.use(attachRoutes(primaryTarget, context))
		.use(attachRoutes(workerTarget, context))
		.use(agentApp(context))
		.use(eventRoutes(context))
		.use(metricsRoutes(context))
		.use(tokenRoutes(context))
		.use(loginRoutes(context))
		.use(selfRoutes(context))
		.use(directoryRoutes(context))
		.use(docsRoutes(routes))
		.use(webRoutes());
	return app;
}

function unknownPath(request: Request, routes: readonly DocumentedRoute[]): BerthError {
	const { pathname } = new URL(request.url);
	const allowed = allowedMethods(routes, pathname);
	if (allowed.length === 0 || allowed.includes(request.method))
		return new BerthError("not_found", `there is no path ${pathname}; see /docs`);
	const detail = `${pathname} takes ${allowed.join(", ")}, not ${request.method}`;
	return new BerthError("method_not_allowed", detail, { allowed });
}

/** The API as a type, for the typed client. */
export type App = ReturnType<typeof createApp>;
