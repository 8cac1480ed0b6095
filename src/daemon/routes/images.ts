import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Image } from "../../contract/conversation.ts";
import type { DaemonContext } from "../context.ts";
import { json, operation } from "../http/operation.ts";
import { imageExample } from "../openapi/examples.ts";

/** A name is a content: what was answered once is right for ever. Private, since a token was needed. */
const FOREVER = "private, max-age=31536000, immutable";

export const imageRoutes = ({ agents: { images } }: DaemonContext) =>
	new Elysia({ prefix: "/images", normalize: false })
		.post(
			"",
			({ body, set }): Image => {
				const image = images.put(body);
				set.status = 201;
				set.headers.location = `/images/${image.sha256}`;
				return image;
			},
			{
				body: Type.Uint8Array(),
				...operation({
					id: "addImage",
					tag: "Agents",
					summary: "Put an image into the store, for a prompt",
					description:
						"PNG, JPEG, GIF or WebP, told by its first bytes. It is kept while a prompt or a conversation refers to it, and for a day.",
					scope: "write",
					body: { example: new Uint8Array(), image: true },
					answers: [json(Image, imageExample, "It is in the store", 201)],
					errors: ["unauthorized", "forbidden", "invalid_image", "too_large", "unsupported_media_type"],
				}),
			},
		)
		.get(
			"/:sha256",
			({ params: { sha256 }, request }) => {
				const { mediaType, bytes } = images.facts(sha256);
				const headers = {
					"content-type": mediaType,
					"cache-control": FOREVER,
					etag: `"${sha256}"`,
					"content-disposition": "inline",
				};
				if (knows(request, sha256)) return new Response(null, { status: 304, headers });
				if (request.method === "HEAD")
					return new Response(null, { headers: { ...headers, "content-length": String(bytes) } });
				return new Response(images.read(sha256), { headers });
			},
			{
				params: Type.Object({
					sha256: Type.String({
						description: "The image: its SHA-256 in hex",
						examples: [imageExample.sha256],
					}),
				}),
				...operation({
					id: "getImage",
					tag: "Agents",
					summary: "An image, by its content; it never changes",
					scope: "read",
					answers: [
						{
							description: "The image; it may be kept for ever",
							headers: { ETag: "Its hash" },
							content: Object.fromEntries(
								["image/png", "image/jpeg", "image/gif", "image/webp"].map((type) => [
									type,
									{ example: "…" },
								]),
							),
						},
						{ status: 304, description: "The caller has it (If-None-Match)" },
					],
					errors: ["unauthorized", "blob_not_found"],
				}),
			},
		);

function knows(request: Request, sha256: string): boolean {
	const tags = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim());
	return tags.includes(`"${sha256}"`) || tags.includes(`W/"${sha256}"`);
}
