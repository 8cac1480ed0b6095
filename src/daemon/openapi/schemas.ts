/** The contract's schemas as JSON, those with a name by reference. */
import type { TSchema } from "@sinclair/typebox";
import * as activity from "../../contract/activity.ts";
import * as definition from "../../contract/agent-definition.ts";
import * as start from "../../contract/agent-start.ts";
import * as conversation from "../../contract/conversation.ts";
import * as hook from "../../contract/hook.ts";
import * as io from "../../contract/io.ts";
import * as permission from "../../contract/permission.ts";
import * as prompt from "../../contract/prompt.ts";
import * as question from "../../contract/question.ts";
import * as session from "../../contract/session.ts";
import * as system from "../../contract/system.ts";
import * as worktree from "../../contract/worktree.ts";

/** Each schema that the document's `components` define. */
export const namedSchemas: ReadonlyMap<TSchema, string> = new Map<TSchema, string>([
	[system.ProblemDocument, "Problem"],
	[system.Health, "Health"],
	[system.Event, "Event"],
	[system.EventPage, "EventPage"],
	[system.Token, "Token"],
	[system.NewToken, "NewToken"],
	[system.TokenCreated, "TokenCreated"],
	[system.Ticket, "Ticket"],
	[system.Self, "Self"],
	[activity.CommandList, "CommandList"],
	[activity.AttachedClient, "AttachedClient"],
	[activity.SessionProcess, "SessionProcess"],
	[activity.DirectoryList, "DirectoryList"],
	[session.Session, "Session"],
	[session.Worker, "Worker"],
	[worktree.Repository, "Repository"],
	[worktree.NewRepository, "NewRepository"],
	[worktree.Worktree, "Worktree"],
	[worktree.WorktreeState, "WorktreeState"],
	[session.Exit, "Exit"],
	[session.NewSession, "NewSession"],
	[session.NewWorker, "NewWorker"],
	[session.SessionPatch, "SessionPatch"],
	[session.WorkerPatch, "WorkerPatch"],
	[session.Restarted, "Restarted"],
	[definition.AgentManifest, "AgentManifest"],
	[definition.AgentDefinition, "AgentDefinition"],
	[definition.AgentList, "AgentList"],
	[start.NewAgent, "NewAgent"],
	[start.AgentPatch, "AgentPatch"],
	[start.RestartOptions, "RestartOptions"],
	[start.Headless, "Headless"],
	[start.HeadlessCommand, "HeadlessCommand"],
	[conversation.Item, "ConversationItem"],
	[conversation.ConversationPage, "ConversationPage"],
	[conversation.Image, "Image"],
	[prompt.NewPrompt, "NewPrompt"],
	[prompt.Prompt, "Prompt"],
	[prompt.Interrupted, "Interrupted"],
	[permission.Permission, "Permission"],
	[question.Question, "Question"],
	[permission.PermissionAnswer, "PermissionAnswer"],
	[permission.PermissionRule, "PermissionRule"],
	[permission.NewPermissionRule, "NewPermissionRule"],
	[hook.HookCall, "HookCall"],
	[hook.HookVerdict, "HookVerdict"],
	[io.RunRequest, "RunRequest"],
	[io.RunResult, "RunResult"],
	[io.DaemonWaitRequest, "WaitRequest"],
	[io.WaitResult, "WaitResult"],
	[io.ScreenFacts, "ScreenFacts"],
	[io.OutputText, "OutputText"],
	[io.Keys, "Keys"],
	[io.Signal, "Signal"],
	[io.Resize, "Resize"],
]);

export function componentName(schema: TSchema): string {
	const name = namedSchemas.get(schema);
	if (name === undefined) throw new Error("a schema without a name in the OpenAPI document");
	return name;
}

/** A copy in plain JSON; schemas with a name become references, but for `inline`, which is being defined. */
export function plain(schema: unknown, { inline }: { inline?: TSchema } = {}): unknown {
	if (Array.isArray(schema)) return schema.map((item) => plain(item));
	if (typeof schema !== "object" || schema === null) return schema;
	const name = schema === inline ? undefined : namedSchemas.get(schema as TSchema);
	if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
	return Object.fromEntries(
		Object.entries(schema).flatMap(([key, value]) => (value === undefined ? [] : [[key, plain(value)]])),
	);
}
