import type { ResolveHookSync } from "node:module";
import { pathToFileURL } from "node:url";
import { typescriptMeaning } from "./typescript-meaning.ts";

const HELPERS = "@oxc-project/runtime/helpers/";

/** What TypeScript lets users write and Node does not resolve. Asked only after Node has failed. */
export function createResolveHook(onMain: (url: string) => void): ResolveHookSync {
  return (specifier, context, nextResolve) => {
    if (specifier.startsWith(HELPERS)) return { url: helperUrl(specifier.slice(HELPERS.length)), shortCircuit: true };
    try {
      const resolved = nextResolve(specifier, context);
      if (context.parentURL === undefined) onMain(resolved.url);
      return resolved;
    } catch (error) {
      const file =
        context.parentURL?.startsWith("file:") === true ? typescriptMeaning(specifier, context.parentURL) : undefined;
      if (file === undefined) throw error;
      return { url: pathToFileURL(file).href, shortCircuit: true };
    }
  };
}

/** Transformed code imports its helpers by a package name; this package ships the few that can occur. */
function helperUrl(name: string): string {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./transform-helpers/${name}${extension}`, import.meta.url).href;
}
