import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { AgentDefinition, AgentList, AgentManifest } from "../../contract/agent-definition.ts";
import { Headless, HeadlessCommand } from "../../contract/agent-start.ts";
import { BerthError } from "../../contract/errors.ts";
import { Deleted } from "../../contract/session.ts";
import type { DaemonContext } from "../context.ts";
import { TOML_TYPE } from "../http/body.ts";
import { callerOf } from "../http/caller.ts";
import { json, operation } from "../http/operation.ts";
import { headlessCommand } from "../services/agents/headless.ts";

const manifest: AgentManifest = {
	id: "aider",
	name: "Aider",
	executable: "aider",
	driver: "pty",
	commands: { pty: { start: ["aider", ["--model", "{{model}}"], "{{args}}"] } },
};

const example: AgentDefinition = {
	...manifest,
	builtIn: false,
	path: "/usr/bin/aider",
	drivers: ["pty"],
	available: ["pty"],
};

const TOML_EXAMPLE = `id = "aider"
name = "Aider"
executable = "aider"
driver = "pty"

[commands.pty]
start = ["aider", ["--model", "{{model}}"], "{{args}}"]
`;

const params = Type.Object({
	id: Type.String({ minLength: 1, description: "The definition's id", examples: ["claude"] }),
});

const listQuery = Type.Object(
	{
		versions: Type.Optional(
			Type.Boolean({
				description: "Ask every program that is installed for its version, which takes seconds",
				examples: [false],
			}),
		),
		path: Type.Optional(
			Type.String({
				description: "Where programs are looked for instead of the daemon's PATH; needs the scope `admin`",
				examples: ["/usr/local/bin:/usr/bin"],
			}),
		),
	},
	{ additionalProperties: false },
);

export const agentRoutes = ({ definitions, home }: DaemonContext) =>
	new Elysia({ prefix: "/agents", normalize: false })
		.get(
			"",
			async ({ query: { versions, path }, request }): Promise<AgentList> => {
				const caller = callerOf(request);
				// What is found there is run for its version.
				if (path !== undefined && caller.scope !== "admin")
					throw new BerthError("forbidden", "only a token with the scope admin may say where programs are");
				caller.keepOpen();
				const agents = versions
					? await definitions.versions(path)
					: definitions.list().map((definition) => definitions.view(definition, path));
				return { agents, broken: definitions.broken() };
			},
			{
				query: listQuery,
				...operation({
					id: "listAgents",
					tag: "Agents",
					summary: "The agents that can be started, and the files of the user's that are broken",
					scope: "read",
					unbound: true,
					answers: [json(AgentList, { agents: [example], broken: [] }, "The definitions, by id")],
					errors: ["bad_request", "unauthorized", "forbidden"],
				}),
			},
		)
		.get(
			"/:id",
			({ params: { id }, request }) => {
				const definition = definitions.find(id);
				const asToml = (request.headers.get("accept") ?? "").includes(TOML_TYPE);
				const headers = { vary: "Accept" };
				return asToml
					? new Response(definitions.toml(definition), { headers: { ...headers, "content-type": TOML_TYPE } })
					: Response.json(definitions.view(definition), { headers });
			},
			{
				params,
				...operation({
					id: "getAgent",
					tag: "Agents",
					summary: "One definition of an agent",
					description: `With \`Accept: ${TOML_TYPE}\` its text: the start of one of your own.`,
					scope: "read",
					unbound: true,
					answers: [
						{
							description: "The definition",
							content: {
								"application/json": { schema: AgentDefinition, example },
								[TOML_TYPE]: { example: TOML_EXAMPLE },
							},
							headers: { Vary: "Accept" },
						},
					],
					errors: ["unauthorized", "forbidden", "agent_not_found"],
				}),
			},
		)
		.put(
			"/:id",
			({ params: { id }, body, set }): AgentDefinition => {
				const { definition, added } =
					typeof body === "string"
						? definitions.save(id, body, "toml")
						: definitions.save(id, `${JSON.stringify(body, null, "\t")}\n`, "json");
				set.status = added ? 201 : 200;
				return definitions.view(definition);
			},
			{
				params,
				body: Type.Unsafe<AgentManifest | string>(Type.Unknown()),
				...operation({
					id: "putAgent",
					tag: "Agents",
					summary: "Add a definition of your own, or replace it",
					description:
						"It is kept as a file in the configuration's folder `agents`, as it was written. One with the id of a built-in agent is used " +
						"instead of that. Agents that run are not touched; their next start uses it.",
					scope: "admin",
					unbound: true,
					body: { example: manifest, toml: TOML_EXAMPLE, schema: AgentManifest },
					answers: [
						json(AgentDefinition, example, "It replaced the one before"),
						json(AgentDefinition, example, "It was added", 201),
					],
					errors: [
						"bad_request",
						"invalid_agent",
						"unauthorized",
						"forbidden",
						"too_large",
						"unsupported_media_type",
					],
				}),
			},
		)
		.delete(
			"/:id",
			({ params: { id } }) => {
				definitions.remove(id);
				return { status: "deleted" as const };
			},
			{
				params,
				...operation({
					id: "removeAgent",
					tag: "Agents",
					summary: "Remove a definition of your own",
					description: "A built-in agent that it replaced is as it came again.",
					scope: "admin",
					unbound: true,
					answers: [json(Deleted, { status: "deleted" }, "It is gone")],
					errors: ["unauthorized", "forbidden", "agent_not_found", "agent_built_in"],
				}),
			},
		)
		.post(
			"/:id/headless",
			({ params: { id }, body }): HeadlessCommand =>
				headlessCommand(definitions.find(id).manifest, home, body),
			{
				params,
				body: Headless,
				...operation({
					id: "headlessCommand",
					tag: "Agents",
					summary: "The command that answers one prompt and exits",
					description: "Nothing is started: give it to POST /sessions, or to a process of your own.",
					scope: "read",
					unbound: true,
					body: { example: { prompt: "Say what this project does", cwd: "/home/me/project" } },
					answers: [
						json(
							HeadlessCommand,
							{ command: ["claude", "--print", "--", "Say what this project does"], env: {} },
							"The command and what the definition adds to its environment",
						),
					],
					errors: [
						"bad_request",
						"invalid_cwd",
						"unauthorized",
						"forbidden",
						"agent_not_found",
						"too_large",
						"unsupported_media_type",
					],
				}),
			},
		);
