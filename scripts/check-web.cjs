// Runs svelte-check, which does not know TypeScript 7 yet, with the TypeScript 6 that is installed beside it under another name.
const { Module } = require("node:module");

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
	return resolve.call(this, request.replace(/^typescript(?=\/|$)/, "typescript-6"), ...rest);
};
require("../node_modules/svelte-check/bin/svelte-check");
