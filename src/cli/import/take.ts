/** Takes one planned session over: it is made whole, or nothing of it stays. */
import { answer } from "../../client/client.ts";
import { BerthError } from "../../contract/errors.ts";
import type { NewSession, Session } from "../../contract/session.ts";
import { type Api, primaryWorker } from "../api.ts";
import { type Plan, portNote } from "./plan.ts";

export async function takeOver(api: Api, plan: Plan): Promise<{ session: Session; notes: string[] }> {
	const { session, notes } = await makeSession(api, plan);
	try {
		const [first, ...others] = plan.workers;
		if (first) await answer(api.worker(session.id, primaryWorker(session).id).patch({ name: first.name }));
		for (const { name, agent } of others) {
			const worker =
				agent === null ? { name } : { name, kind: "agent" as const, agent: { definition: agent } };
			await answer(api.session(session.id).workers.post(worker));
		}
		if (plan.foreign.paused) await answer(api.session(session.id).close.post());
	} catch (error) {
		await answer(api.session(session.id).kill.post());
		await answer(api.session(session.id).delete());
		throw error;
	}
	return { session: await api.getSession(session.id), notes };
}

/** Its port may be held by the very program that it comes from, which still runs. */
async function makeSession(api: Api, plan: Plan): Promise<{ session: Session; notes: string[] }> {
	const { name, cwd, tag, port, foreign } = plan;
	const [first] = plan.workers;
	const input: NewSession = {
		name,
		cwd,
		tags: [tag],
		...(foreign.shell === null ? {} : { shell: foreign.shell }),
		...(first?.agent ? { agent: { definition: first.agent } } : {}),
	};
	if (port === null) return { session: await answer(api.routes.sessions.post(input)), notes: plan.notes };
	try {
		return { session: await answer(api.routes.sessions.post({ ...input, port })), notes: plan.notes };
	} catch (error) {
		if (!(error instanceof BerthError) || error.code !== "port_taken") throw error;
		return {
			session: await answer(api.routes.sessions.post(input)),
			notes: [...plan.notes, portNote(port)],
		};
	}
}
