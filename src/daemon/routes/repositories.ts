import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Deleted } from "../../contract/session.ts";
import { NewRepository, Repository } from "../../contract/worktree.ts";
import { json, operation } from "../http/operation.ts";
import type { Repositories } from "../services/repositories.ts";

const example: Repository = {
	id: "r_6m1x8c4kqa",
	name: "project",
	path: "/home/me/project",
	createdAt: 1_767_322_800_000,
};

export const repositoryRoutes = (repositories: Repositories) =>
	new Elysia({ prefix: "/repos", normalize: false })
		.get("", (): Repository[] => repositories.list(), {
			...operation({
				id: "listRepositories",
				tag: "Repositories",
				summary: "The registered repositories, by name",
				scope: "read",
				unbound: true,
				answers: [json(Type.Array(Repository), [example], "The repositories")],
				errors: ["unauthorized", "forbidden"],
			}),
		})
		.post(
			"",
			async ({ body, set }): Promise<Repository> => {
				const { repository, added } = await repositories.add(body);
				set.status = added ? 201 : 200;
				return repository;
			},
			{
				body: NewRepository,
				...operation({
					id: "addRepository",
					tag: "Repositories",
					summary: "Register a git repository, so that sessions can have worktrees of it",
					description: "Nothing in it is changed. Registering it again is a quiet success.",
					scope: "admin",
					unbound: true,
					body: { example: { path: "/home/me/project" } },
					answers: [
						json(Repository, example, "It was registered already"),
						json(Repository, example, "It is registered", 201),
					],
					errors: [
						"bad_request",
						"invalid_name",
						"invalid_cwd",
						"invalid_repository",
						"unauthorized",
						"forbidden",
						"name_taken",
						"git_refused",
						"unsupported_media_type",
					],
				}),
			},
		)
		.delete(
			"/:id",
			({ params: { id } }) => {
				repositories.remove(id);
				return { status: "deleted" as const };
			},
			{
				params: Type.Object({
					id: Type.String({
						minLength: 1,
						description: "The repository: its id or its name",
						examples: ["project"],
					}),
				}),
				...operation({
					id: "removeRepository",
					tag: "Repositories",
					summary: "Forget a repository; it and its worktrees stay as they are",
					scope: "admin",
					unbound: true,
					answers: [json(Deleted, { status: "deleted" }, "It is no longer registered")],
					errors: ["unauthorized", "forbidden", "repository_not_found"],
				}),
			},
		);
