/** The API's shapes, by their names in the page. Types only: the schemas stay in the daemon. */
export type { Agent } from "../../../src/contract/agent.ts";
export type { AgentDefinition } from "../../../src/contract/agent-definition.ts";
export type { NewAgent } from "../../../src/contract/agent-start.ts";
export type { Image, Item, ItemBody, Part, ToolPart } from "../../../src/contract/conversation.ts";
export type { CommandBlock, HolderStatus } from "../../../src/contract/link.ts";
export type { Permission, PermissionAnswer } from "../../../src/contract/permission.ts";
export type { Prompt } from "../../../src/contract/prompt.ts";
export type { Answers, Question } from "../../../src/contract/question.ts";
export type { AgentWorker, NewSession, NewWorker, Session, Worker } from "../../../src/contract/session.ts";
export type { SignalName } from "../../../src/contract/signals.ts";
export type { Exit, WorkerState } from "../../../src/contract/state.ts";
export type { Event, EventType, Token, TokenCreated } from "../../../src/contract/system.ts";
export type { Repository, WorktreeState } from "../../../src/contract/worktree.ts";
