import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { BerthError } from "../../contract/errors.ts";
import type { JournalReader } from "../../journal/reader.ts";
import { openJournal } from "../../journal/reader.ts";
import { recording } from "../../journal/recording.ts";
import type { DaemonContext } from "../context.ts";
import { callerOf } from "../http/caller.ts";
import { operation, targetErrors } from "../http/operation.ts";
import { streamOf } from "../http/streams.ts";
import type { Target } from "../http/target.ts";

const generation = Type.Optional(
	Type.Integer({
		minimum: 1,
		description: "The generation that the offsets belong to; another one answers 409",
		examples: [1],
	}),
);

const journalQuery = Type.Object(
	{
		from: Type.Optional(
			Type.Integer({ minimum: 0, description: "First offset; the oldest kept when absent", examples: [0] }),
		),
		to: Type.Optional(
			Type.Integer({ minimum: 0, description: "Offset after the last byte; the end when absent" }),
		),
		generation,
	},
	{ additionalProperties: false },
);

const recordingQuery = Type.Object(
	{
		version: Type.Optional(
			Type.Integer({ minimum: 2, maximum: 3, default: 3, description: "asciicast version" }),
		),
		generation,
	},
	{ additionalProperties: false },
);

/** Output goes to disk before it goes to anybody, so the journal on disk is the whole truth: no holder is asked. */
export const journalRoutes = <const P extends string>(target: Target<P>, { sessions }: DaemonContext) => {
	const specOf = (ref: string, wid: string | undefined, asked: number | undefined) => {
		const spec = sessions.spec(ref, wid);
		if (asked !== undefined && asked !== spec.generation) {
			const detail = `generation ${asked} was asked for; the worker is at ${spec.generation}, and its offsets began anew`;
			throw new BerthError("stale_generation", detail, { generation: spec.generation });
		}
		return spec;
	};
	return new Elysia({ prefix: target.prefix, normalize: false })
		.get(
			"/journal",
			({ params: { ref, wid }, query: { from, to, generation: asked }, request }) => {
				const spec = specOf(ref, wid, asked);
				const journal = openJournal(spec.generationDir);
				const span = journal.span(from ?? 0, to ?? Number.POSITIVE_INFINITY);
				const end = Math.max(span.from, Math.min(span.to, journal.endOffset));
				callerOf(request).keepOpen();
				const body = request.method === "HEAD" ? null : streamOf(spanBytes(journal, span.from, end));
				return new Response(body, {
					headers: {
						"content-type": "application/octet-stream",
						"berth-start-offset": String(span.from),
						"berth-end-offset": String(end),
						"berth-generation": String(spec.generation),
					},
				});
			},
			{
				params: target.params,
				query: journalQuery,
				...operation({
					id: `get${target.noun}Journal`,
					tag: "Output",
					summary: "The output byte for byte",
					description:
						"Sends the kept bytes of [from, to) up to the first gap; the headers say which bytes they are. Read on from Berth-End-Offset.",
					scope: "read",
					answers: [
						{
							description: "The bytes",
							headers: {
								"Berth-Start-Offset": "Offset of the first byte sent",
								"Berth-End-Offset": "Offset after the last byte sent",
								"Berth-Generation": "The generation that the offsets belong to",
							},
							content: { "application/octet-stream": { example: "$ make test\r\nok\r\n" } },
						},
					],
					errors: [...targetErrors, "bad_request", "stale_generation"],
				}),
			},
		)
		.get(
			"/recording",
			({ params: { ref, wid }, query: { version = 3, generation: asked }, request }) => {
				const spec = specOf(ref, wid, asked);
				callerOf(request).keepOpen();
				const pieces = recording(spec.generationDir, {
					version: version === 2 ? 2 : 3,
					title: spec.sessionName,
					command: spec.argv.join(" "),
					env: spec.env,
				});
				return new Response(request.method === "HEAD" ? null : streamOf(pieces), {
					headers: {
						"content-type": version === 2 ? "application/x-asciicast" : "application/x-asciicast; version=3",
						"content-disposition": `attachment; filename="${spec.workerId}-g${spec.generation}.cast"`,
						"berth-generation": String(spec.generation),
					},
				});
			},
			{
				params: target.params,
				query: recordingQuery,
				...operation({
					id: `get${target.noun}Recording`,
					tag: "Output",
					summary: "The output with its timing, as an asciicast",
					scope: "read",
					answers: [
						{
							description: "asciicast lines",
							headers: { "Berth-Generation": "The generation that was recorded" },
							content: {
								"application/x-asciicast": {
									example: '{"version":3,"term":{"cols":80,"rows":24}}\n[0.1,"o","$ "]\n',
								},
							},
						},
					],
					errors: [...targetErrors, "bad_request", "stale_generation"],
				}),
			},
		);
};

/** Exactly the bytes that the headers promised; a trim under way cuts the answer short, which its length then tells. */
function* spanBytes(journal: JournalReader, from: number, to: number): Generator<Uint8Array, void, void> {
	let at = from;
	for (const { offset, bytes } of journal.chunks(from, to)) {
		if (offset !== at) throw new Error(`the journal was trimmed to ${offset} while ${at} was being sent`);
		yield bytes;
		at += bytes.length;
	}
	if (at !== to) throw new Error(`the journal ended at ${at}, before ${to}`);
}
