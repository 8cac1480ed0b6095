import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { BerthError } from "../contract/errors.ts";
import { answer, createClient, pathPart } from "./client.ts";

const app = new Elysia()
	.get("/json", () => ({ at: "2026-01-01T00:00:00.000Z", list: [1] }))
	.get(
		"/text/:name",
		({ params: { name } }) => new Response(name, { headers: { "content-type": "text/plain" } }),
	)
	.get("/token", ({ headers }) => ({ authorization: headers.authorization ?? null }))
	.get("/problem", () =>
		Response.json(new BerthError("name_taken", "taken", { id: "s_1" }).toProblem(), { status: 409 }),
	)
	.get("/bare", () => new Response("Bad gateway", { status: 502 }));
let server: ReturnType<typeof Bun.serve>;
let client: ReturnType<typeof createClient<typeof app>>;

beforeAll(() => {
	server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => app.handle(request) });
	client = createClient<typeof app>({ baseUrl: `http://127.0.0.1:${server.port}/`, token: "berth_x" });
});
afterAll(() => server.stop(true));

async function failure(call: Promise<unknown>): Promise<BerthError> {
	try {
		await call;
	} catch (error) {
		if (error instanceof BerthError) return error;
		throw error;
	}
	throw new Error("it should have failed");
}

describe("the typed client", () => {
	test("gives JSON as it was sent: a date stays text", async () => {
		expect(await answer(client.api.json.get())).toEqual({ at: "2026-01-01T00:00:00.000Z", list: [1] });
	});

	test.each(["42", "true", "null", '{"a":1}', "[1]", "2026-01-01", "a/b?c#d%2f é"])(
		"gives the text %p as text, whatever it looks like",
		async (text) => {
			const result: unknown = await answer(client.api.text({ name: pathPart(text) }).get());
			expect(result).toBe(text);
		},
	);

	test("sends the token", async () => {
		expect(await answer(client.api.token.get())).toEqual({ authorization: "Bearer berth_x" });
	});

	test("turns a problem document into the error that it is", async () => {
		const error = await failure(answer(client.api.problem.get()));
		expect(error).toMatchObject({ code: "name_taken", message: "taken", info: { id: "s_1" } });
		expect(await failure(client.fetch("/problem"))).toMatchObject({ code: "name_taken" });
	});

	test("has a code for answers that explain nothing, and for none at all", async () => {
		expect(await failure(answer(client.api.bare.get()))).toMatchObject({ code: "protocol_mismatch" });
		const nobody = createClient<typeof app>({ baseUrl: "http://127.0.0.1:1" });
		expect(await failure(answer(nobody.api.json.get()))).toMatchObject({ code: "daemon_unreachable" });
	});
});
