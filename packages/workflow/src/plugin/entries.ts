import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { UnpluginOptions } from "unplugin";
import { moduleFormatOf } from "../build/module-format.ts";
import { SOURCE_ID } from "../build/source-files.ts";
import { fileOf } from "./file-of.ts";
import { SERVER_MODULE } from "./server-module.ts";
import type { Project } from "./project.ts";

/** What of the context of rollup's plugins, and of those like it, says which modules are entries. */
interface Context {
  getModuleInfo?(id: string): { readonly isEntry: boolean } | null;
  readonly environment?: { readonly config: { readonly consumer: "client" | "server" } };
}

/** As rolldown takes them. */
interface Inputs {
  readonly input?: string | readonly string[] | Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
}

/** As esbuild takes them. */
interface EntryPoints {
  readonly absWorkingDir?: string;
  readonly entryPoints?:
    | readonly (string | { readonly in: string; readonly out: string })[]
    | Readonly<Record<string, string>>;
}

/** Has the entries of the server import its module first. Webpack and Rspack are told of one more entry instead. */
export function importServerFirst(project: Project): UnpluginOptions {
  const filter = { id: SOURCE_ID };
  const seen = new Set<string>();
  let named: readonly string[] = [];
  /** Rolldown works in threads of its own, and waits for this one with each module that the filter lets through. */
  const narrow = ({ input = [], cwd = project.root }: Inputs): void => {
    for (const name of Object.values(typeof input === "string" ? [input] : input)) seen.add(resolve(cwd, name));
    // What is no file may become any.
    if ([...seen].every((path) => existsSync(path))) filter.id = matching([...seen]);
    else filter.id = SOURCE_ID;
  };
  return {
    name: "workflow:entries",
    enforce: "pre",
    transform: {
      filter,
      handler(source, id) {
        if (project.isDevelopment || project.hasNitro || !isServerEntry(id, this, named)) return null;
        return { code: withImport(source, SERVER_MODULE, formatOf(id, source)), map: null };
      },
    },
    rolldown: { options: narrow },
    vite: { options: narrow },
    esbuild: {
      config(options) {
        named = entryFiles(options);
      },
    },
  };
}

/** The absolute paths of esbuild's entries, which may be written without extension. */
export function entryFiles({ absWorkingDir = process.cwd(), entryPoints = [] }: EntryPoints): readonly string[] {
  return Object.values(entryPoints).map((entry) =>
    resolve(absWorkingDir, typeof entry === "string" ? entry : entry.in),
  );
}

/** Matches these paths, with any extension where they have none. */
export function matching(paths: readonly string[]): RegExp {
  const patterns = paths.map((path) => path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^(?:${patterns.join("|")})(?:\\.[^./\\\\]+)?$`);
}

function isServerEntry(id: string, context: object, named: readonly string[]): boolean {
  const { getModuleInfo, environment } = context as Context;
  if (environment?.config.consumer === "client") return false;
  if (getModuleInfo !== undefined) return getModuleInfo.call(context, id)?.isEntry === true;
  return named.some((name) => id === name || id.replace(/\.[^./\\]+$/, "") === name);
}

function formatOf(id: string, source: string): "module" | "commonjs" {
  return moduleFormatOf(fileOf(id), source).startsWith("commonjs") ? "commonjs" : "module";
}

/** The module with an import before everything else, on its first line: no other line of it moves. */
function withImport(code: string, specifier: string, format: "module" | "commonjs"): string {
  const [, hashbang = ""] = /^(#!.*\n)?/.exec(code) ?? [];
  const name = JSON.stringify(specifier);
  const statement = format === "module" ? `import ${name};` : `require(${name});`;
  return `${hashbang}${statement} ${code.slice(hashbang.length)}`;
}
