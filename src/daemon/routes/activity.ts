import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import {
	type AttachedClient,
	AttachedClients,
	CommandList,
	type SessionProcess,
	SessionProcesses,
} from "../../contract/activity.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation, targetErrors } from "../http/operation.ts";
import type { Target } from "../http/target.ts";
import { HOLDER_ANSWER_MS } from "../services/reading.ts";

const commandQuery = Type.Object(
	{
		limit: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: 1000,
				default: 100,
				description: "The last N commands",
				examples: [50],
			}),
		),
	},
	{ additionalProperties: false },
);

/** What goes on in a terminal besides its output. */
export const activityRoutes = <const P extends string>(target: Target<P>, { sessions }: DaemonContext) =>
	new Elysia({ prefix: target.prefix, normalize: false })
		.get(
			"/commands",
			async ({ params: { ref, wid }, query: { limit } }): Promise<CommandList> => {
				const { generation } = sessions.worker(ref, wid);
				const params = limit === undefined ? {} : { limit };
				return {
					generation,
					...(await sessions.holder(ref, wid).call("commands", params, HOLDER_ANSWER_MS)),
				};
			},
			{
				params: target.params,
				query: commandQuery,
				...operation({
					id: `list${target.noun}Commands`,
					tag: "Terminal",
					summary: "The commands that the shell ran, each with its exit code and where its output lies",
					description: "From shell integration marks. The output is in the journal between the offsets.",
					scope: "read",
					answers: [json(CommandList, { generation: 1, commands: [commandExample] }, "The ended commands")],
					errors: [...targetErrors, "bad_request", "session_ended", "holder_unreachable"],
				}),
			},
		)
		.get(
			"/clients",
			async ({ params: { ref, wid } }): Promise<AttachedClient[]> =>
				(await sessions.holder(ref, wid).call("clients", {}, HOLDER_ANSWER_MS)).clients,
			{
				params: target.params,
				...operation({
					id: `list${target.noun}Clients`,
					tag: "Terminal",
					summary: "Who is attached, with which window, and who was at work last",
					scope: "read",
					answers: [json(AttachedClients, [clientExample], "In the order of arrival")],
					errors: [...targetErrors, "session_ended", "unknown_method", "holder_unreachable"],
				}),
			},
		)
		.get("/processes", ({ params: { ref, wid } }): SessionProcess[] => sessions.processes(ref, wid), {
			params: target.params,
			...operation({
				id: `list${target.noun}Processes`,
				tag: "Sessions",
				summary: "What close and kill would end: the whole process tree",
				description: "From the system's own table, so it works when the holder hangs.",
				scope: "read",
				answers: [json(SessionProcesses, [processExample], "The processes")],
				errors: [...targetErrors],
			}),
		});

const commandExample = {
	command: "make test",
	startOffset: 18_211,
	endOffset: 18_215,
	exitCode: 0,
	cwd: "/home/me/project",
	startedAt: 1_767_322_860_000,
	durationMs: 1250,
};

const clientExample: AttachedClient = {
	id: 3,
	name: "browser",
	role: "writer",
	cols: 120,
	rows: 40,
	attachedAt: 1_767_322_860_000,
	latest: true,
};

const processExample: SessionProcess = {
	workerId: "w_8k2m4c9qzt",
	pid: 4711,
	ppid: 4700,
	name: "bash",
	foreground: true,
	stopped: false,
};
