import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { Prompt } from "../../contract/prompt.ts";
import type { Session, Worker } from "../../contract/session.ts";
import { signalNames } from "../../contract/signals.ts";
import { isLive } from "../../contract/state.ts";
import { visibleLine } from "../../contract/visible.ts";
import type { Api } from "../api.ts";
import type { Cli } from "../cli.ts";
import type { Run } from "../command.ts";
import type { Completes } from "../command-spec.ts";
import { type Candidate, complete } from "../completion/candidates.ts";
import { stateText } from "../output/state.ts";
import type { complete as spec } from "../registry/berth.ts";
import { eventTypes, keyNames, ruleDecisions, shells } from "../words.ts";

export const run: Run<typeof spec> = async (cli, { argv }) => {
	const completion = await complete(cli.catalogue, argv ?? [], (what) => lookUp(cli, what));
	if ("byShell" in completion) return cli.print(`:${completion.byShell}`);
	cli.write(completion.candidates.map(({ value, description }) => `${value}\t${description}\n`).join(""));
};

async function lookUp(cli: Cli, what: Completes): Promise<Candidate[]> {
	switch (what) {
		case "session":
			return sessions(cli, () => true);
		case "live-session":
			return sessions(cli, ({ workers }) => workers.some(({ state }) => isLive(state)));
		case "ended-session":
			return sessions(cli, ({ workers }) => !workers.some(({ state }) => isLive(state)));
		case "paused-session":
			return sessions(cli, ({ pausedAt }) => pausedAt !== undefined);
		case "terminal":
			return terminals(cli, () => true);
		case "live-terminal":
			return terminals(cli, ({ state }) => isLive(state));
		case "worker":
			return (await sessionsWithWorkers(cli)).flatMap(({ name, workers }) => workersOf(name, workers));
		case "tag": {
			const all = await fromDaemon(cli, async (api) => api.listSessions(true));
			return plain([...new Set(all.flatMap(({ tags }) => tags))].sort());
		}
		case "token": {
			const all = await fromDaemon(cli, async (api) => answer(api.routes.tokens.get()));
			return all.map(({ id, label, scope }) => ({ value: id, description: `${label} (${scope})` }));
		}
		case "repository": {
			const all = await fromDaemon(cli, async (api) => answer(api.routes.repos.get()));
			return all.map(({ name, path }) => ({ value: name, description: path }));
		}
		case "agent": {
			const list = async (api: Api) => (await answer(api.routes.agents.get({ query: {} }))).agents;
			return (await fromDaemon(cli, list)).map(({ id, name }) => ({ value: id, description: name }));
		}
		case "permission":
			return permissions(cli, {});
		case "pending-permission":
			return permissions(cli, { state: "pending" });
		case "permission-rule": {
			const all = await fromDaemon(cli, async (api) => answer(api.routes.permissions.rules.get()));
			return all.map(({ id, decision, tool, subject }) => ({
				value: id,
				description: `${decision} ${tool} ${subject ?? ""}`.trim(),
			}));
		}
		case "rule-decision":
			return plain(ruleDecisions);
		case "prompt":
			return (await fromDaemon(cli, openPrompts)).map(({ id, text }) => ({
				value: id,
				description: visibleLine(text),
			}));
		case "signal":
			return plain(signalNames);
		case "key":
			return plain(keyNames);
		case "command":
			return plain([...cli.catalogue.firstWords()]);
		case "shell":
			return plain(shells);
		case "event-type":
			return plain(eventTypes);
		case "text":
		case "file":
		case "directory":
			return [];
	}
}

async function permissions(cli: Cli, query: { state?: "pending" }): Promise<Candidate[]> {
	const all = await fromDaemon(cli, async (api) => answer(api.routes.permissions.get({ query })));
	return all.map(({ id, title }) => ({ value: id, description: visibleLine(title) }));
}

/** Of every agent that has any. */
async function openPrompts(api: Api): Promise<Prompt[]> {
	const agents = (await api.listSessions(true)).flatMap(({ workers }) =>
		workers.filter((worker) => worker.kind === "agent"),
	);
	const lists = agents.map(({ sessionId, id }) =>
		answer(api.worker(sessionId, id).prompts.get({ query: {} })),
	);
	return (await Promise.all(lists)).flat();
}

function plain(values: readonly string[]): Candidate[] {
	return values.map((value) => ({ value, description: "" }));
}

async function sessions(cli: Cli, fits: (session: Session) => boolean): Promise<Candidate[]> {
	const all = await fromDaemon(cli, (api) => api.listSessions(true));
	return all
		.filter(fits)
		.map((session) => ({ value: session.name, description: stateText(session, cli.now()) }));
}

/** Sessions with a worker that fits, and each such worker where a session's name alone does not say which. */
async function terminals(cli: Cli, fits: (worker: Worker) => boolean): Promise<Candidate[]> {
	return (await sessionsWithWorkers(cli)).flatMap((session) => {
		const fitting = session.workers.filter(fits);
		if (fitting.length === 0) return [];
		const own = { value: session.name, description: stateText(session, cli.now()) };
		return session.workers.length === 1 ? [own] : [own, ...workersOf(session.name, fitting)];
	});
}

function workersOf(session: string, workers: readonly Worker[]): Candidate[] {
	return workers.map(({ name, state }) => ({ value: `${session}/${name}`, description: state }));
}

function sessionsWithWorkers(cli: Cli): Promise<Session[]> {
	return fromDaemon(cli, (api) => api.listSessions(true));
}

/** Nothing when the daemon does not run: pressing Tab starts no daemon and prints no error. */
async function fromDaemon<T>(cli: Cli, ask: (api: Api) => Promise<T[]>): Promise<T[]> {
	try {
		return await ask(await cli.runningApi());
	} catch (error) {
		if (error instanceof BerthError) return [];
		throw error;
	}
}
