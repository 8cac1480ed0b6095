import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import { InputResult, InputText, Keys, Resize } from "../../contract/io.ts";
import { INPUT_LIMIT_BYTES } from "../../contract/limits.ts";
import type { DaemonContext } from "../context.ts";
import { json, liveErrors, operation } from "../http/operation.ts";
import type { Target } from "../http/target.ts";
import { HOLDER_ANSWER_MS } from "../services/reading.ts";

export const inputRoutes = <const P extends string>(target: Target<P>, { sessions }: DaemonContext) =>
	new Elysia({ prefix: target.prefix, normalize: false })
		.post(
			"/input",
			async ({ params: { ref, wid }, body }): Promise<InputResult> => {
				const bytes = "text" in body ? Buffer.from(body.text) : Buffer.from(body);
				if (bytes.length > INPUT_LIMIT_BYTES) {
					const detail = `an input may have ${INPUT_LIMIT_BYTES} bytes, this one has ${bytes.length}; send a file`;
					throw new BerthError("too_large", detail, { limit: INPUT_LIMIT_BYTES });
				}
				const data = bytes.toString("base64");
				return sessions.holder(ref, wid).call("input", { data }, HOLDER_ANSWER_MS);
			},
			{
				params: target.params,
				body: Type.Union([InputText, Type.Uint8Array()]),
				...operation({
					id: `sendInput${target.noun}`,
					tag: "Terminal",
					summary: "Type bytes, or text",
					description: "Raw bytes as application/octet-stream reach the process byte for byte.",
					scope: "write",
					body: { example: { text: "ls -l\r" }, alsoBytes: true },
					answers: [json(InputResult, { bytes: 6 }, "Written to the terminal")],
					errors: [...liveErrors, "too_large"],
				}),
			},
		)
		.post(
			"/keys",
			({ params: { ref, wid }, body }): Promise<InputResult> =>
				sessions.holder(ref, wid).call("keys", body, HOLDER_ANSWER_MS),
			{
				params: target.params,
				body: Keys,
				...operation({
					id: `sendKeys${target.noun}`,
					tag: "Terminal",
					summary: "Press keys by name",
					description: "All names are checked before one key is written.",
					scope: "write",
					body: { example: { keys: ["C-c", "Enter", "Up"] } },
					answers: [json(InputResult, { bytes: 5 }, "Written to the terminal")],
					errors: [...liveErrors, "invalid_key"],
				}),
			},
		)
		.post(
			"/resize",
			({ params: { ref, wid }, body }): Promise<Resize> =>
				sessions.holder(ref, wid).call("resize", body, HOLDER_ANSWER_MS),
			{
				params: target.params,
				body: Resize,
				...operation({
					id: `resize${target.noun}`,
					tag: "Terminal",
					summary: "Set the terminal's size",
					scope: "write",
					body: { example: { cols: 120, rows: 40 } },
					answers: [json(Resize, { cols: 120, rows: 40 }, "The size as it is now")],
					errors: [...liveErrors, "invalid_size"],
				}),
			},
		);
