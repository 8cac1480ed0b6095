import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { Cols, Rows } from "../../contract/io.ts";
import { isLive } from "../../contract/state.ts";
import type { AttachRequest, Role } from "../../contract/stream.ts";
import { covers } from "../../contract/system.ts";
import type { DaemonContext } from "../context.ts";
import { type Caller, callerOf } from "../http/caller.ts";
import { operation, targetErrors } from "../http/operation.ts";
import type { Target } from "../http/target.ts";
import { AttachBridge } from "../services/attach-bridge.ts";

const query = Type.Object(
	{
		role: Type.Optional(
			Type.Union([Type.Literal("writer"), Type.Literal("viewer")], {
				description: "A viewer never types and never resizes; the default is what the token allows",
			}),
		),
		cols: Type.Optional(Cols),
		rows: Type.Optional(Rows),
		from: Type.Optional(
			Type.Integer({ minimum: 0, description: "Resume at this offset; together with generation" }),
		),
		generation: Type.Optional(
			Type.Integer({ minimum: 1, description: "The generation that `from` belongs to" }),
		),
		scrollback: Type.Optional(
			Type.Integer({
				minimum: 0,
				description: "Lines above the screen that a snapshot may have; all of them by default",
			}),
		),
		name: Type.Optional(
			Type.String({
				maxLength: 64,
				description: "What others see this client called",
				examples: ["browser"],
			}),
		),
	},
	{ additionalProperties: false },
);

/**
 * Elysia's own `.ws` upgrades through the one server that `listen` made; we serve one app on two listeners, so the caller, who knows
 * the connection, does it.
 */
export const attachRoutes = <const P extends string>(
	target: Target<P>,
	{ sessions, tokens, traffic, stopping }: DaemonContext,
) =>
	new Elysia({ prefix: target.prefix, normalize: false }).get(
		"/attach",
		({ params: { ref, wid }, query: asked, request }) => {
			const caller = callerOf(request);
			if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
				throw new BerthError(
					"bad_request",
					"attach is a WebSocket: connect with ws:// (or use `berth attach`)",
				);
			}
			const worker = sessions.worker(ref, wid);
			if (!isLive(worker.state)) {
				throw new BerthError(
					"session_ended",
					`${worker.name} of ${ref} has ended; see …/output, or restart it`,
				);
			}
			const attachRequest: AttachRequest = { ...asked, role: roleFor(caller, asked.role) };
			const { tokenId } = caller;
			const bridge = new AttachBridge({
				socketPath: sessions.spec(ref, wid).socketPath,
				request: attachRequest,
				stopping,
				onRevoked: (ended) => (tokenId === null ? () => {} : tokens.watch(tokenId, ended)),
				onEnd: () => traffic.attached--,
			});
			traffic.attached++;
			if (!caller.upgrade(bridge)) {
				traffic.attached--;
				throw new BerthError("bad_request", "the WebSocket handshake is not valid");
			}
			return new Response(null);
		},
		{
			params: target.params,
			query,
			...operation({
				id: `attach${target.noun}`,
				tag: "Terminal",
				summary: "The terminal live, as a WebSocket",
				description:
					"Text messages are JSON (hello, size, resync, exit, error; from the client resize, claim, repaint for a snapshot, and pause and resume for its own stream). Binary messages of the server are " +
					"one byte of kind (1 snapshot, 2 output), the offset as u64 big-endian and the bytes; the client's are input. " +
					"Close code 1012 or 1013 means: connect again, with from and generation.",
				scope: "read",
				answers: [{ status: 101, description: "The WebSocket is open; the first message is hello" }],
				errors: [...targetErrors, "bad_request", "session_ended"],
			}),
		},
	);

/** What the client asked for, within what its token allows. */
function roleFor({ scope }: Caller, asked: Role | undefined): Role {
	const mayWrite = scope !== null && covers(scope, "write");
	if (asked === "writer" && !mayWrite) {
		throw new BerthError("forbidden", "typing needs the scope write; attach with role=viewer", {
			needed: "write",
		});
	}
	return asked ?? (mayWrite ? "writer" : "viewer");
}
