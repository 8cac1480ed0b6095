/**
 * What agents there are: those that come with Berth, and the user's own as files `ID.toml` or `ID.json` in the configuration's folder
 * `agents`, which replace a built-in one of the same id. A file is read again when it has changed, so an editor is as good a way to
 * change one as the API. One that cannot be used is told and leaves the others, and what it would replace, alone.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "smol-toml";
import {
	AGENT_ID_PATTERN,
	type AgentDefinition,
	type AgentManifest,
} from "../../../contract/agent-definition.ts";
import { BerthError } from "../../../contract/errors.ts";
import { agentDrivers } from "../../../contract/words.ts";
import { ensurePrivateDir, writeFileAtomic } from "../../../platform/files.ts";
import type { Store } from "../../../store/store.ts";
import { findProgram } from "../programs.ts";
import { readBuiltIns } from "./builtin.macro.ts" with { type: "macro" };
import { installedVersion } from "./detect.ts";
import { type ManifestFormat, manifestFormats, readManifest } from "./manifest.ts";

export interface DefinitionsContext {
	/** Folder of the user's files; it need not exist. */
	folder: string;
	/** The environment that agents are started from: its PATH is where they are looked for. */
	env: Record<string, string | undefined>;
	store: Store;
}

/** A definition with the text that it was read from. */
export interface Definition {
	manifest: AgentManifest;
	builtIn: boolean;
	text: string;
	format: ManifestFormat;
}

export interface BrokenFile {
	file: string;
	reason: string;
}

/** A file as it was last read. */
interface Cached {
	/** Changes whenever the file does. */
	stamp: string;
	result: Definition | BerthError;
}

const ID = new RegExp(AGENT_ID_PATTERN);

export class AgentDefinitions {
	readonly #context: DefinitionsContext;
	readonly #files = new Map<string, Cached>();
	#builtIns: Map<string, Definition> | null = null;

	constructor(context: DefinitionsContext) {
		this.#context = context;
	}

	/** By id; a built-in one that a broken file would replace is there as it was built in. */
	list(): Definition[] {
		const ids = new Set([...this.#builtIn.keys(), ...this.#ownFiles().flatMap(({ id }) => id ?? [])]);
		return [...ids].sort().flatMap((id) => this.#lookUp(id) ?? []);
	}

	broken(): BrokenFile[] {
		return this.#ownFiles().flatMap(({ file, id, format }): BrokenFile[] => {
			if (id === null) return [{ file, reason: "the name of the file must be the agent's id" }];
			const result = this.#read(id, format);
			return result instanceof BerthError ? [{ file, reason: result.message }] : [];
		});
	}

	/** Throws `agent_not_found`. */
	find(id: string): Definition {
		const found = this.known(id);
		if (found) return found;
		throw new BerthError(
			"agent_not_found",
			`there is no agent ${JSON.stringify(id)}; berth agent ls shows them, berth agent add takes a definition of yours`,
		);
	}

	/** null when there is none. */
	known(id: string): Definition | null {
		return ID.test(id) ? this.#lookUp(id) : null;
	}

	/** Keeps the text as it was given, comments included. Throws `invalid_agent`, and then nothing is changed. */
	save(id: string, text: string, format: ManifestFormat): { definition: Definition; added: boolean } {
		const manifest = readManifest(text, format);
		checkId(manifest, id);
		const added = !this.#has(id);
		ensurePrivateDir(this.#context.folder);
		writeFileAtomic(this.#path(id, format), text);
		for (const other of manifestFormats) if (other !== format) rmSync(this.#path(id, other), { force: true });
		this.#tell("agent.added", id);
		return { definition: this.find(id), added };
	}

	/** Removes the user's file; a built-in one is as it came then. Throws `agent_not_found`, `agent_built_in`. */
	remove(id: string): void {
		if (!ID.test(id) || !this.#has(id)) {
			const { manifest } = this.find(id);
			throw new BerthError(
				"agent_built_in",
				`${manifest.name} comes with Berth; a file of yours can replace it`,
			);
		}
		for (const format of manifestFormats) rmSync(this.#path(id, format), { force: true });
		this.#tell("agent.removed", id);
	}

	/** In TOML: as it was written, or made from what was. */
	toml({ manifest, text, format }: Definition): string {
		return format === "toml" ? text : stringify(manifest);
	}

	/** As {@link view}, of every one, with the version that its program tells; null for one that is not installed. */
	async versions(path = this.#context.env.PATH): Promise<AgentDefinition[]> {
		const env = { ...this.#context.env, PATH: path };
		return Promise.all(
			this.list().map(async (definition) => {
				const view = this.view(definition, path);
				return { ...view, version: view.path && (await installedVersion(view.path, env)) };
			}),
		);
	}

	/** `path`: where programs are looked for, as PATH has it. */
	view({ manifest, builtIn }: Definition, path = this.#context.env.PATH): AgentDefinition {
		const find = (program: string) => findProgram(program, "/", path);
		const drivers = agentDrivers.filter((driver) => manifest.commands[driver]);
		return {
			...manifest,
			builtIn,
			path: find(manifest.executable),
			drivers,
			available: drivers.filter((driver) => find(manifest.commands[driver]!.start[0] as string) !== null),
		};
	}

	get #builtIn(): Map<string, Definition> {
		this.#builtIns ??= new Map(
			readBuiltIns().map((text) => {
				const manifest = readManifest(text, "toml");
				return [manifest.id, { manifest, builtIn: true, text, format: "toml" }];
			}),
		);
		return this.#builtIns;
	}

	#lookUp(id: string): Definition | null {
		for (const format of manifestFormats) {
			const own = this.#read(id, format);
			if (own !== null && !(own instanceof BerthError)) return own;
		}
		return this.#builtIn.get(id) ?? null;
	}

	/** null when there is no such file. */
	#read(id: string, format: ManifestFormat): Definition | BerthError | null {
		const file = this.#path(id, format);
		const stamp = stampOf(file);
		if (stamp === null) {
			this.#files.delete(file);
			return null;
		}
		const cached = this.#files.get(file);
		if (cached?.stamp === stamp) return cached.result;
		const result = readFile(id, file, format);
		this.#files.set(file, { stamp, result });
		return result;
	}

	#ownFiles(): { file: string; id: string | null; format: ManifestFormat }[] {
		const { folder } = this.#context;
		if (!existsSync(folder)) return [];
		return readdirSync(folder)
			.sort()
			.flatMap((name) => {
				const format = manifestFormats.find((ending) => name.endsWith(`.${ending}`));
				if (format === undefined) return [];
				const id = name.slice(0, -format.length - 1);
				return [{ file: join(folder, name), id: ID.test(id) ? id : null, format }];
			});
	}

	#has(id: string): boolean {
		return manifestFormats.some((format) => existsSync(this.#path(id, format)));
	}

	#path(id: string, format: ManifestFormat): string {
		return join(this.#context.folder, `${id}.${format}`);
	}

	#tell(type: "agent.added" | "agent.removed", agent: string): void {
		this.#context.store.change(({ record }) =>
			record({ type, sessionId: null, workerId: null, data: { agent } }),
		);
	}
}

/** What of a file tells that it is another one now: editors replace files, or write into them. */
function stampOf(file: string): string | null {
	const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
	return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : null;
}

function readFile(id: string, file: string, format: ManifestFormat): Definition | BerthError {
	try {
		const text = readFileSync(file, "utf8");
		const manifest = readManifest(text, format);
		checkId(manifest, id);
		return { manifest, builtIn: false, text, format };
	} catch (error) {
		return error instanceof BerthError
			? error
			: new BerthError("invalid_agent", `it cannot be read: ${(error as Error).message}`, undefined, error);
	}
}

function checkId(manifest: AgentManifest, id: string): void {
	if (manifest.id !== id)
		throw new BerthError(
			"invalid_agent",
			`id: must be ${JSON.stringify(id)}, not ${JSON.stringify(manifest.id)}`,
		);
}
