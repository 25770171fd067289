import type { Compiler } from "webpack";
import { findProjectRoot } from "../build/project-root.ts";
import type { Project } from "./plugin.ts";
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

const OWN = /^workflow(?:\/(?!server(?:\/|$))|$)/;

/** What webpack and Rspack have beside the hooks of all bundlers. */
export function webpackHooks(given: object, project: Project, injects: boolean): void {
  const compiler = given as AnyCompiler;
  const { EntryPlugin, ExternalsPlugin } = compiler.webpack;
  const { entry, output } = compiler.options;
  project.root = findProjectRoot(compiler.context);
  new ExternalsPlugin(output.module === true ? "module" : "commonjs", [OWN]).apply(compiler);
  if (!injects) return;
  const names = typeof entry === "function" ? ["main"] : Object.keys(entry);
  for (const name of names) new EntryPlugin(compiler.context, SERVER_MODULE, { name }).apply(compiler);
}
