/** What a check finds. */
export interface Finding {
	/** What was looked at, in two or three words. */
	name: string;
	status: "ok" | "warn" | "fail";
	/** What was found. */
	detail: string;
	/** What to do about it; null when nothing has to be done. */
	advice: string | null;
}

export function ok(name: string, detail: string): Finding {
	return { name, status: "ok", detail, advice: null };
}

export function warn(name: string, detail: string, advice: string): Finding {
	return { name, status: "warn", detail, advice };
}

export function fail(name: string, detail: string, advice: string): Finding {
	return { name, status: "fail", detail, advice };
}

/** A check that itself breaks is a finding, not the end of the others. */
export async function attempt(name: string, check: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
	try {
		return await check();
	} catch (error) {
		return [fail(name, (error as Error).message, "see the message; berth daemon logs may tell more")];
	}
}

/** A number from a file of the kernel's; null where there is no such file. */
export async function kernelNumber(file: string): Promise<number | null> {
	try {
		return Number((await Bun.file(file).text()).trim().split(/\s+/)[0]);
	} catch {
		// Another system, or a container that hides it.
		return null;
	}
}
