/** The value, or null when it does not come in time. */
export async function withLimit<T>(value: Promise<T>, ms: number): Promise<T | null> {
	let timer: Timer | undefined;
	const late = new Promise<null>((resolve) => {
		timer = setTimeout(() => resolve(null), ms);
	});
	try {
		return await Promise.race([value, late]);
	} finally {
		clearTimeout(timer);
	}
}
