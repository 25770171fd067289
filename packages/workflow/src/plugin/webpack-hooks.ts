import type { Compiler } from "webpack";
import { findProjectRoot } from "../build/project-root.ts";
import type { Project } from "./project.ts";
import { SERVER_MODULE } from "./server-module.ts";

/** What of a compiler webpack and Rspack have in common. */
type AnyCompiler = Pick<Compiler, "context" | "options"> & {
  readonly webpack: {
    readonly EntryPlugin: new (
      context: string,
      entry: string,
      options: { readonly name: string },
    ) => { apply(compiler: unknown): void };
    readonly ExternalsPlugin: new (type: string, externals: unknown) => { apply(compiler: unknown): void };
  };
};

/** What a project keeps out of its bundle, as far as that may be more than one name. */
type External = (data: { readonly request?: string }, callback?: (error?: null, request?: string) => void) => unknown;

const SERVER = /^workflow\/server(?:\/|$)/;

const OWN = /^workflow(?:\/(?!server(?:\/|$))|$)/;

/** What webpack and Rspack have beside the hooks of all bundlers. */
export function webpackHooks(given: object, project: Project, injects: boolean): void {
  const compiler = given as AnyCompiler;
  const { EntryPlugin, ExternalsPlugin } = compiler.webpack;
  const { options } = compiler;
  const { entry, output } = options;
  project.root = findProjectRoot(compiler.context);
  options.externals = [options.externals].flat().map(withoutServer) as typeof options.externals;
  new ExternalsPlugin(output.module === true ? "module" : "commonjs", [OWN]).apply(compiler);
  if (!injects) return;
  const names = typeof entry === "function" ? ["main"] : Object.keys(entry);
  for (const name of names) new EntryPlugin(compiler.context, SERVER_MODULE, { name }).apply(compiler);
}

/** Servers often keep all packages out. The server's module has the name of one, and is part of the bundle. */
function withoutServer(external: unknown): unknown {
  if (external instanceof RegExp) return withoutServer(matching(external));
  if (typeof external !== "function") return external;
  const given = external as External;
  // One that has no second parameter gives a promise.
  if (given.length === 1)
    return async (data: Parameters<External>[0]) => (isServer(data) ? undefined : await given(data));
  const guarded: External = (data, callback) => (isServer(data) ? callback?.() : given(data, callback));
  return guarded;
}

function matching(pattern: RegExp): External {
  return ({ request = "" }, callback) => (pattern.test(request) ? callback?.(null, request) : callback?.());
}

function isServer({ request = "" }: Parameters<External>[0]): boolean {
  return SERVER.test(request);
}
