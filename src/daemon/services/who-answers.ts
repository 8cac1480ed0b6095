/** What has the port that we wanted, for a sentence. The lock is ours, so a Berth there belongs to another home or another user. */
import type { Settings } from "../../platform/config.ts";

/** Milliseconds that the other side gets. */
const PATIENCE_MS = 1000;

/** The most of an answer that is looked at: nothing is known about who sends it. */
const ANSWER_LIMIT_BYTES = 4096;

export async function whoAnswers({ host, port, tlsCert }: Settings): Promise<string> {
	const scheme = tlsCert === "" ? "http" : "https";
	try {
		const response = await fetch(`${scheme}://${host}:${port}/health`, {
			signal: AbortSignal.timeout(PATIENCE_MS),
			redirect: "manual",
		});
		const health = parseHealth((await response.text()).slice(0, ANSWER_LIMIT_BYTES));
		if (health !== null) return `another home's Berth ${health.version} (pid ${health.pid})`;
		return "a server that is not Berth";
	} catch {
		// Whatever it is, it does not speak HTTP to us in time, and that is what the sentence says.
		return "something that does not speak HTTP";
	}
}

function parseHealth(text: string): { version: string; pid: number } | null {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
	if (typeof value !== "object" || value === null || !("name" in value) || value.name !== "berth")
		return null;
	const { version, pid } = value as { version?: unknown; pid?: unknown };
	return typeof version === "string" && typeof pid === "number" ? { version, pid } : null;
}
