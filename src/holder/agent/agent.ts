/**
 * A structured agent in the place of a program in a terminal: to the worker it is a PTY driver whose output is the conversation as text
 * and whose input is typed into a line; to the daemon it is prompts, answers and a log of everything (contract/agent-log.ts).
 *
 *   agent's stdout ─ lines ─▶ protocol ─▶ transcript ─▶ log, then screen
 *   prompt, interrupt, answer, configure ─▶ protocol ─▶ agent's stdin
 *
 * Ownership: made for one start of one worker. It owns the agent's process, the log's descriptor and the requests that wait; all of them
 * end with the process, in that order: the turn fails, requests are denied, the log is closed, then the worker is told of the exit.
 */
import type { AgentPrompt, AgentSpec, Learned } from "../../contract/agent-log.ts";
import type { Image, Part } from "../../contract/conversation.ts";
import { BerthError } from "../../contract/errors.ts";
import { AGENT_START_TIMEOUT_MS, CLOSE_STEPS_MS } from "../../contract/limits.ts";
import type { AgentAnswer, HolderSpec } from "../../contract/link.ts";
import { newId } from "../../contract/names.ts";
import { ImageStore } from "../../platform/images.ts";
import type { Pty, PtyDriver, PtyExit, PtyOptions } from "../pty/driver.ts";
import { Complaints } from "./complaints.ts";
import type { AgentHost } from "./host.ts";
import { AgentLog } from "./log.ts";
import { Permissions } from "./permissions.ts";
import { AgentProcess } from "./process.ts";
import type { Desk, PromptImage, Protocol, TurnEnd } from "./protocol.ts";
import { quote } from "./quote.ts";
import type { Request } from "./request.ts";
import { type Standing, standing } from "./standing.ts";
import { Transcript } from "./transcript.ts";
import type { EditorAction } from "./view/editor.ts";
import { AgentView } from "./view/view.ts";

export interface AgentParts {
	spec: HolderSpec;
	agent: AgentSpec;
	/** Makes the protocol's end of the conversation. */
	open: (desk: Desk) => Protocol;
	/** Unix milliseconds. */
	now: () => number;
	/** The log has this many records now. */
	told: (records: number) => void;
	/** The agent cannot be used and will end: that is a failure, whatever its exit says. */
	failed: () => void;
	report: (failure: unknown) => void;
}

interface Turn {
	/** Null for one that the agent began by itself. */
	promptId: string | null;
	startedAt: number;
	interrupted: boolean;
}

export class StructuredAgent implements PtyDriver, AgentHost {
	readonly name: PtyDriver["name"];
	readonly limits: PtyDriver["limits"] = {
		...{ exactBytes: true, signals: true, backpressure: true, exactEnvironment: true },
	};
	readonly #parts: AgentParts;
	readonly #images: ImageStore;
	readonly #given = new Set<string>();
	#running: Running | null = null;
	#pid: number | null = null;
	/** Stays when the agent has ended: what was started on its behalf may take a moment longer. */
	#protocol: Protocol | null = null;
	#learned: Learned;
	#ready = false;
	#ending = false;
	/** Rings when an agent that is starting has said nothing for too long. */
	#silence: Timer | null = null;
	#turn: Turn | null = null;
	#state: Standing["state"] | null = null;
	readonly #complaints = new Complaints({
		notice: (text) => this.#running?.transcript.notice("warning", text),
		line: (text) => this.#running?.view.complaint(text),
	});

	constructor(parts: AgentParts) {
		this.#parts = parts;
		this.name = parts.spec.pty;
		this.#images = new ImageStore(parts.agent.imagesDir);
		this.#learned = { model: parts.agent.model, mode: parts.agent.mode };
	}

	/** Whether this is a process of the agent's that is waited for here. */
	owns(pid: number): boolean {
		return (pid === this.#pid && this.#running !== null) || (this.#protocol?.owns(pid) ?? false);
	}

	spawn(options: PtyOptions): Pty {
		const { spec, now, told, report } = this.#parts;
		const log = new AgentLog({ dir: spec.generationDir, now, told, report });
		const write = log.write.bind(log);
		try {
			const process = new AgentProcess(options, {
				onMessage: (line) => {
					this.#silence?.refresh();
					this.#live.protocol.receive(line);
				},
				onOverlong: (bytes) =>
					this.#complaints.garbled(`a message of ${bytes} bytes is longer than any may be`),
				onComplaint: (line) => this.#complaints.line(line),
				onExit: (exit) => this.#exited(exit, options),
				report,
			});
			const onAction = (action: EditorAction) => this.#act(action);
			const view = new AgentView({ cols: options.cols, onData: options.onData, onAction });
			const transcript = new Transcript({ generation: spec.generation, write, view });
			const { permissionTimeoutMs: timeoutMs } = this.#parts.agent;
			const onChange = () => this.#settle();
			const permissions = new Permissions({ timeoutMs, now, write, transcript, view, onChange });
			const protocol = this.#parts.open(this.#desk(transcript, process, permissions, view));
			this.#running = { log, process, view, transcript, permissions, protocol };
			this.#pid = process.pid;
			this.#protocol = protocol;
		} catch (error) {
			log.close();
			throw error;
		}
		this.#settle();
		void this.#open();
		const { process, view } = this.#running;
		return {
			pid: process.pid,
			backlogBytes: 0,
			write: (bytes) => view.input(bytes),
			hangUp: () => process.hangUp(),
			resize: (cols) => view.resize(cols),
			foregroundGroup: () => process.pid,
			close: () => view.close(),
		};
	}

	async prompt({ promptId, text, images }: AgentPrompt): Promise<Record<string, never>> {
		if (this.#given.has(promptId)) return {};
		if (!this.#ready) throw new BerthError("agent_busy", "the agent is still starting");
		if (this.#turn !== null) throw new BerthError("agent_busy", "the agent is working on something else");
		if (images.length > 0 && this.#learned.images === false)
			throw new BerthError("agent_refused", "the agent takes no images");
		const loaded = images.map(({ sha256 }) => ({
			...this.#images.facts(sha256),
			content: this.#images.read(sha256),
		}));
		this.#begin(promptId, text, loaded);
		return {};
	}

	async interrupt(): Promise<{ promptId: string | null }> {
		const turn = this.#turn;
		if (turn === null) return { promptId: null };
		turn.interrupted = true;
		this.#live.permissions.cancelAll("the agent was interrupted");
		this.#live.protocol.interrupt();
		return { promptId: turn.promptId };
	}

	async answer(answer: AgentAnswer): Promise<Record<string, never>> {
		this.#live.permissions.answer(answer);
		return {};
	}

	async configure({ model, mode }: { model?: string; mode?: string }): Promise<{
		model: string | null;
		mode: string | null;
	}> {
		const { protocol, transcript } = this.#live;
		if (!this.#ready) throw new BerthError("agent_busy", "the agent is still starting");
		const before = this.#learned.model;
		if (model !== undefined) await protocol.setModel(model);
		try {
			if (mode !== undefined) await protocol.setMode(mode);
		} catch (error) {
			// Both or neither.
			if (model !== undefined && before) await protocol.setModel(before);
			throw error;
		}
		if (model !== undefined) transcript.notice("info", `model: ${this.#learned.model ?? model}`);
		if (mode !== undefined) transcript.notice("info", `mode: ${this.#learned.mode ?? mode}`);
		return { model: this.#learned.model ?? null, mode: this.#learned.mode ?? null };
	}

	get #live(): Running {
		if (this.#running === null) throw new BerthError("session_ended", "the agent has ended");
		return this.#running;
	}

	#desk(transcript: Transcript, process: AgentProcess, permissions: Permissions, view: AgentView): Desk {
		const { spec, agent, report } = this.#parts;
		const { cwd, env, generation } = spec;
		const { model, mode, conversation } = agent;
		return {
			...{ transcript, cwd, env, generation, report },
			choice: { model, mode, conversation },
			send: (message) => process.send(message),
			learned: (news) => this.#learn(news),
			ask: (request) => this.#ask(permissions, request),
			withdraw: (id) => permissions.withdraw(id),
			working: (working) => this.#works(working),
			garbled: (what) => this.#complaints.garbled(what),
			title: (text) => view.title(text),
			keepImage: (base64) => this.#keepImage(base64),
		};
	}

	async #open(): Promise<void> {
		const { protocol, transcript, process } = this.#live;
		try {
			await this.#unlessSilent(protocol.open());
		} catch (error) {
			if (this.#running === null) return;
			transcript.notice("error", BerthError.from(error).message);
			this.#parts.failed();
			process.hangUp();
			process.signal("SIGTERM");
			setTimeout(() => process.signal("SIGKILL"), CLOSE_STEPS_MS.terminate);
			return;
		}
		if (this.#running === null) return;
		this.#ready = true;
		this.#settle();
	}

	/** Rejects when the agent has said nothing for too long: one that loads a long conversation says it piece by piece. */
	async #unlessSilent(opening: Promise<void>): Promise<void> {
		const { startTimeoutMs = AGENT_START_TIMEOUT_MS } = this.#parts.agent;
		const { promise, reject } = Promise.withResolvers<never>();
		this.#silence = setTimeout(() => {
			const detail = `the agent said nothing for ${startTimeoutMs / 1000} s at its start, and was ended`;
			reject(new BerthError("agent_refused", detail));
		}, startTimeoutMs);
		try {
			await Promise.race([opening, promise]);
		} finally {
			clearTimeout(this.#silence);
			this.#silence = null;
			// What it fails with later, when its process has ended, nobody waits for.
			opening.catch(() => {});
		}
	}

	#begin(promptId: string, text: string, images: PromptImage[]): void {
		const { log, transcript, protocol } = this.#live;
		this.#given.add(promptId);
		this.#complaints.beginTurn();
		transcript.beginTurn();
		log.write({ kind: "turn", promptId });
		const pictures = images.map(({ sha256, mediaType, bytes }): Part => {
			return { type: "image", image: { sha256, mediaType, bytes } };
		});
		transcript.said(
			"user",
			[...(text === "" ? [] : [{ type: "text", text } as const]), ...pictures],
			promptId,
		);
		const turn = this.#startTurn(promptId);
		this.#settle(quote(text));
		protocol.prompt(text, images).then(
			(end) => this.#finish(turn, end),
			(error) => this.#finish(turn, failure(BerthError.from(error).message)),
		);
	}

	#startTurn(promptId: string | null): Turn {
		this.#turn = { promptId, startedAt: this.#parts.now(), interrupted: false };
		return this.#turn;
	}

	#finish(turn: Turn, end: TurnEnd): void {
		if (this.#turn !== turn || this.#running === null) return;
		const { log, transcript, permissions } = this.#running;
		const { promptId, startedAt, interrupted } = turn;
		permissions.cancelAll("the turn has ended");
		transcript.endTurn();
		const outcome = interrupted ? "stopped" : end.outcome;
		const { stopReason, detail, usage } = end;
		const durationMs = this.#parts.now() - startedAt;
		if (outcome === "failed" && detail !== null) transcript.notice("error", detail);
		const body = { type: "turn", promptId, state: outcome, stopReason, durationMs } as const;
		transcript.turn(usage === null ? body : { ...body, usage });
		this.#turn = null;
		if (promptId !== null) {
			const answer = end.answer ?? transcript.answer;
			log.write({ kind: "turn-ended", promptId, outcome, stopReason, detail, answer });
		}
		this.#settle(stopReason);
	}

	#works(working: boolean): void {
		if (working && this.#ready && this.#turn === null) {
			this.#live.transcript.beginTurn();
			this.#startTurn(null);
			this.#settle();
		} else if (!working && this.#turn?.promptId === null) {
			this.#finish(this.#turn, { ...failure(null), outcome: "completed" });
		}
	}

	#ask(permissions: Permissions, request: Request): string {
		const id = permissions.ask(request);
		// It crossed the interrupt on its way.
		if (this.#turn?.interrupted) permissions.cancelAll("the agent was interrupted");
		return id;
	}

	#learn(news: Learned): void {
		const fresh = Object.fromEntries(
			Object.entries(news).filter(
				([name, value]) =>
					value !== undefined && !Bun.deepEquals(value, this.#learned[name as keyof Learned] as unknown),
			),
		) as Learned;
		if (Object.keys(fresh).length === 0) return;
		this.#learned = { ...this.#learned, ...fresh };
		this.#live.log.write({ kind: "agent", ...fresh });
	}

	/** Writes down the state when it has changed. */
	#settle(text: string | null = null): void {
		if (this.#running === null || this.#ending) return;
		const { permissions, protocol, log } = this.#running;
		const asked = permissions.first;
		const { evidence } = protocol;
		const fresh = this.#given.size === 0;
		const { state, rule } = standing(
			{ ready: this.#ready, asked, working: this.#turn !== null, fresh },
			evidence,
		);
		if (state === this.#state) return;
		this.#state = state;
		this.#running.transcript.flush();
		log.write({ kind: "state", state, rule, text: asked ? quote(asked.title) : text });
	}

	#act(action: EditorAction): void {
		if (action.kind === "interrupt") void this.interrupt().catch(this.#parts.report);
		else {
			this.prompt({ promptId: newId("q"), text: action.text, images: [] }).catch((error) =>
				this.#running?.view.refuse(action.text, BerthError.from(error).message),
			);
		}
	}

	#keepImage(base64: string): Image | null {
		try {
			return this.#images.put(Buffer.from(base64, "base64"));
		} catch (error) {
			this.#complaints.garbled(BerthError.from(error).message);
			return null;
		}
	}

	#exited(exit: PtyExit, { onExit }: PtyOptions): void {
		const { log, view, transcript, permissions, protocol } = this.#live;
		const how = exit.signal === null ? `with code ${exit.code}` : `by SIG${exit.signal}`;
		const { last } = this.#complaints;
		const said = last === null ? "" : `: ${quote(last)}`;
		this.#ending = true;
		permissions.cancelAll("the agent has ended");
		if (this.#turn) this.#finish(this.#turn, failure(`the agent ended ${how}${said}`));
		else if (!this.#ready) transcript.notice("error", `the agent ended ${how} before it was ready${said}`);
		protocol.close();
		transcript.flush();
		view.close();
		log.close();
		this.#running = null;
		onExit(exit);
	}
}

interface Running {
	log: AgentLog;
	process: AgentProcess;
	view: AgentView;
	transcript: Transcript;
	permissions: Permissions;
	protocol: Protocol;
}

function failure(detail: string | null): TurnEnd {
	return { outcome: "failed", stopReason: null, detail, answer: null, usage: null };
}
