/** Registered git repositories: where worktree sessions come from. Registering one changes nothing in it. */
import { basename } from "node:path";
import { BerthError } from "../../contract/errors.ts";
import { checkName, newId } from "../../contract/names.ts";
import { nameFrom, uniqueName } from "../../contract/naming.ts";
import type { NewRepository } from "../../contract/worktree.ts";
import { allRepositories, createRepository, deleteRepository } from "../../store/repositories.ts";
import type { RepositoryRow } from "../../store/schema.ts";
import type { Store } from "../../store/store.ts";
import type { Git } from "./git.ts";
import { checkDirectory } from "./programs.ts";

export interface RepositoryContext {
	store: Store;
	git: Git;
	home: string;
	now: () => number;
}

export class Repositories {
	readonly #context: RepositoryContext;

	constructor(context: RepositoryContext) {
		this.#context = context;
	}

	list(): RepositoryRow[] {
		return allRepositories(this.#context.store.read);
	}

	/** By id, name or path. */
	find(ref: string): RepositoryRow {
		const all = this.list();
		const found =
			all.find(({ id, name }) => id === ref || name === ref) ?? all.find(({ path }) => path === ref);
		if (found) return found;
		throw new BerthError(
			"repository_not_found",
			`there is no repository ${JSON.stringify(ref)}; berth repo ls shows them, berth repo add registers one`,
		);
	}

	/** Registering one again under the same name changes nothing, whichever directory of it is given. */
	async add({ path, name }: NewRepository): Promise<{ repository: RepositoryRow; added: boolean }> {
		const { store, now } = this.#context;
		if (name !== undefined) checkName(name);
		const main = await this.#mainWorkTree(checkDirectory(path, this.#context.home));
		const all = this.list();
		const known = all.find((each) => each.path === main);
		if (known && (name === undefined || name === known.name)) return { repository: known, added: false };
		if (known) throw nameTaken(`${main} is registered already, as ${known.name}`, known);
		const taken = (wanted: string) => all.find((each) => each.name === wanted);
		const holder = name === undefined ? undefined : taken(name);
		if (holder) throw nameTaken(`there is a repository ${name} already, at ${holder.path}`, holder);
		const repository: RepositoryRow = {
			id: newId("r"),
			name:
				name ?? uniqueName(nameFrom(basename(main), "repository"), (wanted) => taken(wanted) !== undefined),
			path: main,
			createdAt: now(),
		};
		store.change((change) => createRepository(change, repository));
		return { repository, added: true };
	}

	remove(ref: string): void {
		const { id } = this.find(ref);
		this.#context.store.change((change) => deleteRepository(change, id));
	}

	/** The same for every directory and every linked worktree of one repository. */
	async #mainWorkTree(dir: string): Promise<string> {
		const { code, stdout, stderr } = await this.#context.git.try(dir, [
			"worktree",
			"list",
			"--porcelain",
			"-z",
		]);
		const first = stdout.split("\0")[0] ?? "";
		if (code === 0 && first.startsWith("worktree ")) return first.slice("worktree ".length);
		throw new BerthError("invalid_repository", `${dir} is in no git repository (${stderr.trim()})`, {
			field: "path",
		});
	}
}

function nameTaken(detail: string, { id }: RepositoryRow): BerthError {
	return new BerthError("name_taken", detail, { field: "name", id });
}
