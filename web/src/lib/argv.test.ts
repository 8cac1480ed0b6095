import { expect, test } from "bun:test";
import { parseEnv, splitArgv } from "./argv.ts";

test("blanks separate words; quotes and backslashes keep them together", () => {
	expect(splitArgv(`npm run  dev`)).toEqual(["npm", "run", "dev"]);
	expect(splitArgv(`bash -c 'echo "$x"; exit' ''`)).toEqual(["bash", "-c", 'echo "$x"; exit', ""]);
	expect(splitArgv(`a\\ b "c \\"d\\"" e'f'g`)).toEqual(["a b", 'c "d"', "efg"]);
	expect(splitArgv("  ")).toEqual([]);
	expect(() => splitArgv("echo 'open")).toThrow("not closed");
});

test("an environment has a name and a value in every line", () => {
	expect(parseEnv("A=1\n\nB=x=y\nC=")).toEqual({ A: "1", B: "x=y", C: "" });
	expect(() => parseEnv("A=1\nnonsense")).toThrow("nonsense");
	expect(() => parseEnv("1A=x")).toThrow("NAME=value");
});
