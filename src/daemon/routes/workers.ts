import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Deleted, NewWorker, Worker, WorkerPatch } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation, targetErrors } from "../http/operation.ts";
import { SessionParams, WorkerParams } from "../http/target.ts";
import { workerExample } from "../openapi/examples.ts";

const second: Worker = { ...workerExample, id: "w_2c7p5x1ma0", name: "tests", command: ["make", "test"] };

export const workerRoutes = ({ sessions }: DaemonContext) =>
	new Elysia({ prefix: "/sessions/:ref/workers", normalize: false })
		.get("", ({ params: { ref } }): Worker[] => sessions.get(ref).workers, {
			params: SessionParams,
			...operation({
				id: "listWorkers",
				tag: "Workers",
				summary: "The processes of a session, the primary one first",
				scope: "read",
				answers: [json(Type.Array(Worker), [workerExample], "The workers")],
				errors: ["unauthorized", "session_not_found", "ambiguous_reference"],
			}),
		})
		.post(
			"",
			async ({ params: { ref }, body, set, request }): Promise<Worker> => {
				callerOf(request).keepOpen();
				const worker = await sessions.addWorker(ref, body);
				set.status = 201;
				return worker;
			},
			{
				params: SessionParams,
				body: NewWorker,
				...operation({
					id: "createWorker",
					tag: "Workers",
					summary: "Start another process in the session",
					scope: "admin",
					body: { example: { name: "tests", command: ["make", "test"] } },
					answers: [json(Worker, second, "The process runs", 201)],
					errors: [
						"bad_request",
						"invalid_name",
						"invalid_cwd",
						"invalid_command",
						"agent_not_found",
						"agent_not_installed",
						"unauthorized",
						"forbidden",
						"session_not_found",
						"ambiguous_reference",
						"name_taken",
						"session_ended",
						"session_paused",
						"illegal_transition",
						"unsupported_media_type",
						"spawn_failed",
					],
				}),
			},
		)
		.get("/:wid", ({ params: { ref, wid } }): Worker => sessions.worker(ref, wid), {
			params: WorkerParams,
			...operation({
				id: "getWorker",
				tag: "Workers",
				summary: "One process of a session",
				scope: "read",
				answers: [json(Worker, workerExample, "The worker")],
				errors: ["unauthorized", "session_not_found", "worker_not_found", "ambiguous_reference"],
			}),
		})
		.patch(
			"/:wid",
			({ params: { ref, wid }, body }): Promise<Worker> => sessions.updateWorker(ref, wid, body),
			{
				params: WorkerParams,
				body: WorkerPatch,
				...operation({
					id: "updateWorker",
					tag: "Workers",
					summary: "Rename a process of a session, or change an agent's configuration",
					description:
						"Model and mode of an agent that runs change at once, arguments and environment with its next start. What the agent " +
						"refuses changes nothing. One in its own screen is told there where its definition knows a command for it (`live`), " +
						"else started again in its conversation. While it is not known to be idle that is refused with `would_interrupt`, unless `now`.",
					scope: "write",
					body: { example: { name: "unit-tests" } },
					answers: [json(Worker, { ...second, name: "unit-tests" }, "The worker as it is now")],
					errors: [
						...targetErrors,
						"bad_request",
						"invalid_name",
						"name_taken",
						"not_an_agent",
						"agent_not_found",
						"agent_refused",
						"agent_busy",
						"would_interrupt",
						"holder_unreachable",
						"spawn_failed",
						"unsupported_media_type",
					],
				}),
			},
		)
		.delete(
			"/:wid",
			({ params: { ref, wid } }) => {
				sessions.removeWorker(ref, wid);
				return { status: "deleted" as const };
			},
			{
				params: WorkerParams,
				...operation({
					id: "deleteWorker",
					tag: "Workers",
					summary: "Forget an ended process of a session, and its journal",
					description: "The first worker goes with its session only. The others are left as they are.",
					scope: "admin",
					answers: [json(Deleted, { status: "deleted" }, "Nothing of it is left but its events")],
					errors: [...targetErrors, "worker_running", "primary_worker"],
				}),
			},
		);
