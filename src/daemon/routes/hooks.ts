import { Elysia } from "elysia";
import { HookCall, HookVerdict } from "../../contract/hook.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation } from "../http/operation.ts";

export const hookRoutes = ({ agents, stopping }: DaemonContext) =>
	new Elysia({ prefix: "/hooks", normalize: false }).post(
		"/claude",
		({ body, request }): Promise<HookVerdict> => {
			callerOf(request).keepOpen();
			return agents.asking.hooks.call(body, { gone: request.signal, stopping });
		},
		{
			body: HookCall,
			...operation({
				id: "callClaudeHook",
				tag: "Permissions",
				summary: "What Claude Code's hook told, and what it is to say: `berth hook claude` asks it",
				description:
					"A request for permission is answered when somebody has answered it, or at its deadline; hanging up withdraws it. When the daemon " +
					"stops meanwhile, the same id asks the next one for the same request.",
				scope: "admin",
				unbound: true,
				body: {
					example: {
						id: "p_5r8k2m4c9q",
						worker: "w_8k2m4c9qzt",
						hook: {
							hook_event_name: "PermissionRequest",
							session_id: "0b5f4a1e",
							tool_name: "Bash",
							tool_input: { command: "npm test" },
						},
					},
				},
				answers: [
					json(HookVerdict, { decision: "allow", always: false, reason: null }, "What the hook says"),
				],
				errors: [
					"bad_request",
					"unauthorized",
					"forbidden",
					"worker_not_found",
					"unsupported_media_type",
					"daemon_unreachable",
				],
			}),
		},
	);
