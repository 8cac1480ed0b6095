import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Health } from "../../contract/system.ts";
import { VERSION } from "../../contract/version.ts";
import { proofOf } from "../../platform/daemon-file.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";

const query = Type.Object({
	challenge: Type.Optional(
		Type.String({ minLength: 1, maxLength: 200, description: "Random text that the daemon is to sign" }),
	),
});

export const healthRoutes = ({ nonce, startedAt }: DaemonContext) =>
	new Elysia({ normalize: false }).get(
		"/health",
		({ query: { challenge } }): Health => ({
			name: "berth",
			version: VERSION,
			pid: process.pid,
			startedAt,
			proof: challenge === undefined ? null : proofOf(nonce, challenge),
		}),
		{
			query,
			...operation({
				id: "getHealth",
				tag: "Daemon",
				summary: "Who answers",
				description: "`proof` tells the daemon of this user from anything else that may answer on the port.",
				scope: "public",
				answers: [
					json(Health, {
						name: "berth",
						version: VERSION,
						pid: 4242,
						startedAt: 1_767_322_800_000,
						proof: null,
					}),
				],
				errors: ["bad_request"],
			}),
		},
	);
