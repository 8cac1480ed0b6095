import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { DirectoryList } from "../../contract/activity.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";
import { completeDirectory } from "../services/directories.ts";

const query = Type.Object(
	{
		path: Type.String({
			maxLength: 4096,
			description:
				"What was typed so far: absolute or from ~; what follows the last slash is the start of a name",
			examples: ["~/pro"],
		}),
	},
	{ additionalProperties: false },
);

export const directoryRoutes = ({ home }: DaemonContext) =>
	new Elysia({ normalize: false }).get(
		"/directories",
		({ query: { path } }): Promise<DirectoryList> => completeDirectory(path, home),
		{
			query,
			...operation({
				id: "listDirectories",
				tag: "Daemon",
				summary: "Directories that complete a path, for a session to start in",
				description:
					"What cannot be read completes to nothing. Hidden ones are listed when the name starts with a dot.",
				scope: "admin",
				unbound: true,
				answers: [
					json(
						DirectoryList,
						{ home: "/home/me", directory: "/home/me", directories: ["/home/me/project"] },
						"The directories",
					),
				],
				errors: ["bad_request", "unauthorized", "forbidden"],
			}),
		},
	);
