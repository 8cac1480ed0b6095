import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { OutputText, ScreenFacts, type ScreenFormat, type ScreenView } from "../../contract/io.ts";
import { callerOf } from "../http/caller.ts";
import { operation, targetErrors } from "../http/operation.ts";
import { SANDBOX_POLICY } from "../http/security-headers.ts";
import type { Target } from "../http/target.ts";
import type { Reading } from "../services/reading.ts";

const screenQuery = Type.Object(
	{
		format: Type.Optional(
			Type.Union([Type.Literal("text"), Type.Literal("ansi"), Type.Literal("html"), Type.Literal("json")], {
				default: "text",
				description: "text: rows as text; ansi: with colours; html: a page; json: the facts",
			}),
		),
	},
	{ additionalProperties: false },
);

const outputQuery = Type.Object(
	{
		lines: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: 1_000_000,
				description: "The last N lines; all when absent",
				examples: [100],
			}),
		),
		format: Type.Optional(
			Type.Union([Type.Literal("text"), Type.Literal("json")], {
				description: "text, or json with the facts; without it the Accept header decides",
			}),
		),
	},
	{ additionalProperties: false },
);

const UTF8_TEXT = "text/plain; charset=utf-8";

export const screenRoutes = <const P extends string>(target: Target<P>, reading: Reading) =>
	new Elysia({ prefix: target.prefix, normalize: false })
		.get(
			"/screen",
			async ({ params: { ref, wid }, query: { format = "text" }, request }) => {
				callerOf(request).keepOpen();
				return screenResponse(await reading.screen(ref, wid, format), format);
			},
			{
				params: target.params,
				query: screenQuery,
				...operation({
					id: `get${target.noun}Screen`,
					tag: "Output",
					summary: "What the terminal shows; the last picture when it has ended",
					scope: "read",
					answers: [
						{
							description: "The screen; the header Berth-Offset says which output it shows",
							headers: { "Berth-Offset": "The output offset that this screen shows" },
							content: {
								"text/plain": { example: "$ make test\nok\n$ " },
								"text/html": { example: "<!doctype html><pre>$ make test</pre>" },
								"application/json": { schema: ScreenFacts, example: screenExample },
							},
						},
					],
					errors: [...targetErrors, "bad_request", "holder_unreachable"],
				}),
			},
		)
		.get(
			"/output",
			async ({ params: { ref, wid }, query: { lines, format }, request }) => {
				callerOf(request).keepOpen();
				const output = await reading.output(ref, wid, lines);
				const wanted =
					format ?? (request.headers.get("accept")?.includes("application/json") ? "json" : "text");
				return outputResponse(output, wanted);
			},
			{
				params: target.params,
				query: outputQuery,
				...operation({
					id: `get${target.noun}Output`,
					tag: "Output",
					summary: "The last lines as rendered text, scrollback included; also after the end",
					scope: "read",
					answers: [
						{
							description: "The lines as text, or with `Accept: application/json` the facts",
							headers: { "Berth-Offset": "The output offset up to which this goes" },
							content: {
								"text/plain": { example: "$ make test\nok\n" },
								"application/json": {
									schema: OutputText,
									example: { text: "$ make test\nok\n", lines: 2, complete: true, offset: 18_215 },
								},
							},
						},
					],
					errors: [...targetErrors, "bad_request", "holder_unreachable"],
				}),
			},
		);

/** Typed clients ask for JSON: to them the answer is the facts. Text and pages are for people, who have no types. */
function screenResponse(view: ScreenView, format: ScreenFormat): ScreenFacts {
	const { rendering, ...facts } = view;
	const headers = { "berth-offset": String(view.offset) };
	if (format === "json") return Response.json(facts, { headers }) as never;
	const text = rendering ?? `${facts.lines.join("\n")}\n`;
	if (format === "html") {
		const policy = { "content-type": "text/html; charset=utf-8", "content-security-policy": SANDBOX_POLICY };
		return new Response(text, { headers: { ...headers, ...policy } }) as never;
	}
	return new Response(text, { headers: { ...headers, "content-type": UTF8_TEXT } }) as never;
}

function outputResponse(output: OutputText, format: "text" | "json"): OutputText {
	const headers = { "berth-offset": String(output.offset), vary: "Accept" };
	if (format === "json") return Response.json(output, { headers }) as never;
	return new Response(output.text, { headers: { ...headers, "content-type": UTF8_TEXT } }) as never;
}

const screenExample: ScreenFacts = {
	cols: 40,
	rows: 3,
	cursor: { x: 2, y: 2, visible: true },
	title: "",
	alternate: false,
	offset: 18_215,
	lines: ["$ make test", "ok", "$"],
};
