/**
 * Whether a request comes from where it may: the Host header names us (a rebound DNS name does not), and a page that sends one was
 * served by us (Origin, Fetch Metadata). https://www.w3.org/TR/fetch-metadata/
 */
import { BerthError } from "../../contract/errors.ts";
import type { Settings } from "../../platform/config.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** An IP address as a Host header spells it. A rebinding attack needs a name, so an address is never one. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

export class OriginPolicy {
	readonly #names: Set<string>;
	readonly #anyAddress: boolean;
	readonly #scheme: string;

	/** `settings.allowedHosts` are a reverse proxy's names; they may carry any port and either scheme. */
	constructor(settings: Pick<Settings, "host" | "allowedHosts" | "tlsCert">) {
		this.#names = new Set([...LOOPBACK_NAMES, ...settings.allowedHosts.map((name) => name.toLowerCase())]);
		this.#anyAddress = !isLoopback(settings.host);
		this.#scheme = settings.tlsCert === "" ? "http:" : "https:";
	}

	/** Throws `origin_refused`. */
	check(request: Request): void {
		const host = request.headers.get("host") ?? "";
		if (!this.#ours(host)) {
			const detail = `the Host header ${JSON.stringify(host)} is not one of ours; add the name to allowed_hosts`;
			throw new BerthError("origin_refused", detail, { host });
		}
		const origin = request.headers.get("origin");
		if (origin !== null && !this.isSame(origin, host)) {
			throw new BerthError("origin_refused", `pages of ${JSON.stringify(origin)} may not call Berth`, {
				origin,
			});
		}
	}

	/**
	 * For requests that a cookie vouches for. Browsers send it along with what pages of other ports of this host ask for (a port is
	 * not part of a cookie's site), so that an unsafe method must prove its origin, and other pages' requests are refused.
	 */
	checkCookieUse(request: Request): void {
		const unsafe = !["GET", "HEAD"].includes(request.method);
		const upgrade = request.headers.has("upgrade");
		if ((unsafe || upgrade) && request.headers.get("origin") === null) {
			throw new BerthError("origin_refused", "a cookie changes things only together with an Origin header");
		}
		const site = request.headers.get("sec-fetch-site");
		const navigation = request.headers.get("sec-fetch-mode") === "navigate";
		if (site !== null && site !== "same-origin" && site !== "none" && !navigation) {
			throw new BerthError("origin_refused", "another site's page may not use this browser's login");
		}
	}

	/** Same scheme, host and port as the request was sent to; a reverse proxy's name may have either scheme. */
	isSame(origin: string, host: string): boolean {
		if (!URL.canParse(origin)) return false;
		const { protocol, host: from } = new URL(origin);
		if (from.toLowerCase() !== withoutDefaultPort(host.toLowerCase(), protocol)) return false;
		const proxied = !LOOPBACK_NAMES.includes(nameOf(host)) && (protocol === "http:" || protocol === "https:");
		return protocol === this.#scheme || proxied;
	}

	#ours(host: string): boolean {
		const name = nameOf(host);
		return this.#names.has(name) || (this.#anyAddress && ADDRESS.test(name));
	}
}

function nameOf(host: string): string {
	return host.toLowerCase().replace(/:\d*$/, "");
}

function withoutDefaultPort(host: string, protocol: string): string {
	const port = protocol === "https:" ? ":443" : ":80";
	return host.endsWith(port) ? host.slice(0, -port.length) : host;
}
