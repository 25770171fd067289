import { resolve } from "node:path";

/** What of the context of rollup's plugins, and of those like it, says which modules are entries. */
interface Context {
  getModuleInfo?(id: string): { readonly isEntry: boolean } | null;
  readonly environment?: { readonly config: { readonly consumer: "client" | "server" } };
}

/** As esbuild takes them. */
export interface EntryPoints {
  readonly absWorkingDir?: string;
  readonly entryPoints?:
    | readonly (string | { readonly in: string; readonly out: string })[]
    | Readonly<Record<string, string>>;
}

/** The absolute paths of esbuild's entries, which may be written without extension. */
export function filesOf({ absWorkingDir = process.cwd(), entryPoints = [] }: EntryPoints): readonly string[] {
  return Object.values(entryPoints).map((entry) =>
    resolve(absWorkingDir, typeof entry === "string" ? entry : entry.in),
  );
}

/** Whether a module is an entry of the server. `named`: the entries, for bundlers that do not say. */
export function isServerEntry(id: string, context: object, named: readonly string[]): boolean {
  const { getModuleInfo, environment } = context as Context;
  if (environment?.config.consumer === "client") return false;
  if (getModuleInfo !== undefined) return getModuleInfo.call(context, id)?.isEntry === true;
  return named.some((name) => id === name || id.replace(/\.[^./\\]+$/, "") === name);
}

/** The module with an import before everything else, on its first line: no other line of it moves. */
export function withImport(code: string, specifier: string, format: "module" | "commonjs"): string {
  const [, hashbang = ""] = /^(#!.*\n)?/.exec(code) ?? [];
  const name = JSON.stringify(specifier);
  const statement = format === "module" ? `import ${name};` : `require(${name});`;
  return `${hashbang}${statement} ${code.slice(hashbang.length)}`;
}
