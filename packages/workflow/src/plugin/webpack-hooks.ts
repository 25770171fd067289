import type { Compiler } from "webpack";
import { findProjectRoot } from "../build/project-root.ts";
import { dependenciesWithWorkflow } from "./libraries.ts";
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

interface Data {
  readonly request?: string;
}

type IsInside = (data: Data) => boolean;

/** What a project keeps out of its bundle, as far as that may be more than one name. */
type External = (data: Data, callback?: (error?: null, request?: string) => void) => unknown;

const SERVER = /^workflow\/server(?:\/|$)/;

const OWN = /^workflow(?:\/(?!server(?:\/|$))|$)/;

/** What webpack and Rspack have beside the hooks of all bundlers. */
export function webpackHooks(given: object, project: Project, injects: boolean): void {
  const compiler = given as AnyCompiler;
  const { EntryPlugin, ExternalsPlugin } = compiler.webpack;
  const { options } = compiler;
  const { entry, output } = options;
  project.root = findProjectRoot(compiler.context);
  const libraries = dependenciesWithWorkflow(project.root).flatMap(({ name }) => name ?? []);
  const isInside: IsInside = ({ request = "" }) =>
    SERVER.test(request) || libraries.some((name) => request === name || request.startsWith(`${name}/`));
  options.externals = [options.externals]
    .flat()
    .map((external) => without(isInside, external)) as typeof options.externals;
  new ExternalsPlugin(output.module === true ? "module" : "commonjs", [OWN]).apply(compiler);
  if (!injects) return;
  const names = typeof entry === "function" ? ["main"] : Object.keys(entry);
  for (const name of names) new EntryPlugin(compiler.context, SERVER_MODULE, { name }).apply(compiler);
}

/** Servers often keep all packages out. What has the name of one and directives in it is part of the bundle. */
function without(isInside: IsInside, external: unknown): unknown {
  if (external instanceof RegExp) return without(isInside, matching(external));
  if (typeof external !== "function") return external;
  const given = external as External;
  // One that has no second parameter gives a promise.
  if (given.length === 1) return async (data: Data) => (isInside(data) ? undefined : await given(data));
  const guarded: External = (data, callback) => (isInside(data) ? callback?.() : given(data, callback));
  return guarded;
}

function matching(pattern: RegExp): External {
  return ({ request = "" }, callback) => (pattern.test(request) ? callback?.(null, request) : callback?.());
}
