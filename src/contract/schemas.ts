/** Ways of writing schemas that TypeBox has no short word for. */
import { type TSchema, Type } from "@sinclair/typebox";

/** The schema, or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** One of the words. Unsafe tells the compiler the union that a mapped array hides from it; the schema stays an ordinary union. */
export const literals = <T extends string>(values: readonly T[], options = {}) =>
	Type.Unsafe<T>(
		Type.Union(
			values.map((value) => Type.Literal(value)),
			options,
		),
	);

/** Unix milliseconds. */
export const Milliseconds = Type.Integer({
	description: "Unix milliseconds",
	examples: [1_767_322_860_000],
});
