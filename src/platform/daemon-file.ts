/**
 * How a client tells the daemon from whatever else may answer on a port: the daemon writes a secret into its private folder, and
 * answers a challenge with a digest that only somebody who knows the secret can make. Neither a pid nor "some HTTP reply" is trusted.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { readJson, writeFileAtomic } from "./files.ts";
import type { Paths } from "./paths.ts";

/** What the running daemon, or the last one, wrote. */
export interface DaemonFile {
	pid: number;
	version: string;
	/** 64 hex digits, new at every start. */
	nonce: string;
	/** Base URL of the TCP listener; null without one. */
	url: string | null;
	/** Unix milliseconds. */
	startedAt: number;
}

function daemonFile(paths: Paths): string {
	return join(paths.state, "daemon.json");
}

export function writeDaemonFile(paths: Paths, content: DaemonFile): void {
	writeFileAtomic(daemonFile(paths), `${JSON.stringify(content)}\n`);
}

export function readDaemonFile(paths: Paths): DaemonFile | null {
	return readJson<DaemonFile>(daemonFile(paths));
}

/** The answer to a challenge: HMAC-SHA256 in hex. */
export function proofOf(nonce: string, challenge: string): string {
	return createHmac("sha256", nonce).update(challenge).digest("hex");
}

/**
 * Whether the daemon that wrote the file is what answers at its URL. The certificate does not matter here: the proof is the identity, and
 * nothing secret is sent.
 */
export async function provesItself({ url, nonce }: DaemonFile, patienceMs: number): Promise<boolean> {
	const challenge = randomBytes(16).toString("hex");
	try {
		const response = await fetch(`${url}/health?challenge=${challenge}`, {
			signal: AbortSignal.timeout(patienceMs),
			redirect: "manual",
			tls: { rejectUnauthorized: false },
		});
		const { proof } = (await response.json()) as { proof?: unknown };
		return typeof proof === "string" && isProof(nonce, challenge, proof);
	} catch {
		// Nothing there, too late, or not JSON: in each case it is not our daemon.
		return false;
	}
}

function isProof(nonce: string, challenge: string, proof: string): boolean {
	const expected = Buffer.from(proofOf(nonce, challenge));
	const given = Buffer.from(proof);
	return given.length === expected.length && timingSafeEqual(given, expected);
}
