import type { LoadFnOutput } from "node:module";

const [MAJOR = 0, MINOR = 0] = process.versions.node.split(".").map(Number);
const IS_AFFECTED: boolean = MAJOR < 24 || (MAJOR === 24 && MINOR < 11);

const STRICT = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*["']use strict["']/;
const TRUE_REQUIRE = `require = process.getBuiltinModule("node:module").createRequire(__filename);`;

/**
 * As soon as there are hooks, most releases of Node 22 and the first of Node 24 hand a CommonJS module that was
 * imported, the main module among them, a `require()` that asks no hook where a module is and that fails on ES
 * modules. This gives it the true one.
 * @param conditions An array, or a set in those releases.
 */
export function withTrueRequire(output: LoadFnOutput, conditions: Iterable<string>): LoadFnOutput {
  if (!IS_AFFECTED || output.format !== "commonjs" || ![...conditions].includes("import")) return output;
  const source = textOf(output.source).replace(/^#!.*/, "");
  const prologue = STRICT.test(source) ? `"use strict"; ${TRUE_REQUIRE}` : TRUE_REQUIRE;
  return { ...output, source: prologue + source };
}

function textOf(source: LoadFnOutput["source"]): string {
  if (source === undefined || typeof source === "string") return source ?? "";
  return Buffer.from(source as Uint8Array).toString("utf8");
}
