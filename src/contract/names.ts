/** Ids, names and references. */
import { BerthError } from "./errors.ts";

/** Crockford-like lower-case base32 without vowels' lookalikes: ids can be read aloud and double-clicked. */
const ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Characters of randomness in an id: 32^10 ≈ 10^15, so a clash among thousands is not to be expected; the store still checks. */
const ID_LENGTH = 10;

/**
 * A new id: `s_…` for a session, `w_…` for a worker, `t_…` for a token, `r_…` for a repository, `p_…` for a request for permission,
 * `pr_…` for a rule that answers some, `q_…` for a prompt.
 */
export function newId(
	prefix: "s" | "w" | "t" | "r" | "p" | "pr" | "q",
	random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (b) => crypto.getRandomValues(b),
): string {
	const bytes = random(new Uint8Array(ID_LENGTH));
	let id = `${prefix}_`;
	for (const byte of bytes) id += ID_ALPHABET[byte & 31];
	return id;
}

const NAME = /^[\p{L}][\p{L}\p{N}._-]*$/u;

/** Longest name in characters: fits a column of `berth ls` and a file name. */
export const NAME_LIMIT = 64;

/** Words that would make a session unreachable or a command ambiguous. */
export const reservedNames: ReadonlySet<string> = new Set([
	"all",
	"attach",
	"close",
	"completion",
	"current",
	"daemon",
	"docs",
	"doctor",
	"events",
	"exec",
	"export",
	"health",
	"help",
	"holder",
	"info",
	"input",
	"keys",
	"kill",
	"list",
	"login",
	"logout",
	"logs",
	"ls",
	"metrics",
	"new",
	"none",
	"null",
	"output",
	"rename",
	"resize",
	"restart",
	"rm",
	"run",
	"screen",
	"self",
	"send",
	"sessions",
	"signal",
	"status",
	"tag",
	"token",
	"tokens",
	"ui",
	"undefined",
	"version",
	"wait",
	"workers",
]);

/** Returns the name, or throws `invalid_name` with the rule that it breaks. */
export function checkName(name: string): string {
	const fail = (why: string): never => {
		throw new BerthError("invalid_name", `the name ${JSON.stringify(name)} ${why}`, { field: "name" });
	};
	if (name.length === 0 || name.length > NAME_LIMIT) fail(`must have 1 to ${NAME_LIMIT} characters`);
	if (!NAME.test(name)) fail("must start with a letter and hold only letters, digits, '.', '_' and '-'");
	if (/^[sw]_/.test(name)) fail("looks like an id; ids start with s_ or w_");
	if (reservedNames.has(name.toLowerCase())) fail("is a reserved word; choose another");
	return name;
}
