/**
 * Numbers in a query string become numbers before the schema is asked. Elysia would leave `Type.Integer` alone, and its own `t.Integer`
 * names no field when a number is out of range (1.4.30).
 */

interface ObjectSchema {
	properties?: Record<string, { type?: string }>;
}

/** Fifteen digits are exact in a double. */
const WHOLE_NUMBER = /^-?\d{1,15}$/;

export function readNumbers(schema: unknown, query: Record<string, unknown>): void {
	const { properties = {} } = (schema ?? {}) as ObjectSchema;
	for (const [name, { type }] of Object.entries(properties)) {
		const value = query[name];
		if (type === "integer" && typeof value === "string" && WHOLE_NUMBER.test(value))
			query[name] = Number(value);
	}
}
