import { readFileSync } from "node:fs";
import type { LoadFnOutput, LoadHookSync } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ModuleManifest } from "../compiler/types.ts";
import { compileHost } from "./compile-host.ts";
import { withTrueRequire } from "./imported-commonjs.ts";
import { moduleFormatOf } from "./module-format.ts";
import { isInNodeModules, mayBeCompiled, needsTransform } from "./source-files.ts";
import { stripTypes } from "./strip-types.ts";

/** Is told of every file with workflows or steps as it is loaded. */
export type ModuleListener = (file: string, manifest: ModuleManifest) => void;

/** Compiles directives to host code, and TypeScript and JSX to JavaScript; leaves everything else to Node. */
export function createLoadHook(root: string, onModule: ModuleListener): LoadHookSync {
  return (url, context, nextLoad) => {
    const file = url.startsWith("file:") ? fileURLToPath(url) : undefined;
    const loaded = file === undefined ? undefined : loadFile(file, root, onModule);
    return withTrueRequire(loaded ?? nextLoad(url, context), context.conditions);
  };
}

/** Undefined when Node can load the file itself. */
function loadFile(file: string, root: string, onModule: ModuleListener): LoadFnOutput | undefined {
  if (!mayBeCompiled(file)) return undefined;
  const source = readFileSync(file, "utf8");
  const compiled = compileHost(file, source, root);
  if (compiled === undefined && (!needsTransform(file) || isInNodeModules(file))) return undefined;
  if (compiled !== undefined) onModule(file, compiled.manifest);
  const format = moduleFormatOf(file, source);
  const { code = source, map } = compiled ?? {};
  const script = needsTransform(file) ? stripTypes(file, code, format, map) : { code, map };
  return { format, source: withInlineMap(script, file), shortCircuit: true };
}

/** Stack traces then show the user's own lines. */
function withInlineMap(
  { code, map }: { readonly code: string; readonly map: string | undefined },
  file: string,
): string {
  if (map === undefined) return code;
  const portable = { ...(JSON.parse(map) as object), sources: [pathToFileURL(file).href], sourcesContent: undefined };
  const encoded = Buffer.from(JSON.stringify(portable)).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
}
