/**
 * An agent of the tests' own that speaks the real protocols on its standard streams, for what no real agent does on command:
 *
 *   bun fake-agent.ts acp|claude-stream [--no-resume] [--no-load] [--late] [--no-images] [--login] [--resume ID] [--model M] [--permission-mode M]
 *
 * What it does is chosen by the first word of the prompt (scenarios.ts). It remembers nothing: a conversation that is loaded has
 * one earlier question and answer, except the one called `gone`, which it does not know. Options: `--no-resume` and `--no-load` take
 * these abilities away, `--late` makes it tell them after it has loaded them, as Gemini CLI does, `--login` makes it refuse a
 * conversation until somebody logs in, `--deaf` makes it ignore SIGTERM and SIGINT from the start.
 */
import { serveAcp } from "./fake-acp.ts";
import { serveClaudeStream } from "./fake-claude-stream.ts";
import { deafen } from "./scenarios.ts";

const [protocol, ...options] = process.argv.slice(2);
if (options.includes("--deaf")) deafen();
if (protocol === "acp") await serveAcp(options);
else if (protocol === "claude-stream") await serveClaudeStream(options);
else {
	console.error("usage: fake-agent.ts acp|claude-stream [OPTIONS]");
	process.exit(2);
}
