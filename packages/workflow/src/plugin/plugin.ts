import { isAbsolute } from "node:path";
import { createUnplugin, type UnpluginFactory, type UnpluginInstance } from "unplugin";
import { compileHost } from "../build/compile-host.ts";
import { moduleFormatOf } from "../build/module-format.ts";
import { findProjectRoot } from "../build/project-root.ts";
import { mayBeCompiled } from "../build/source-files.ts";
import { filesOf, isServerEntry, withImport } from "./entries.ts";
import { findModules } from "./find-modules.ts";
import type { PluginSettings } from "./options.ts";
import { type BuiltServer, buildServer, developmentServer, SERVER_MODULE } from "./server-module.ts";
import { viteHooks } from "./vite-hooks.ts";
import { webpackHooks } from "./webpack-hooks.ts";

/** What one use of the plugin knows; which bundler it is shows on the way. */
export interface Project {
  /** Absolute, without symbolic links. */
  root: string;
  /** The files are followed as they change, instead of built once. */
  isDevelopment: boolean;
  /** The entries, for bundlers that do not say it of a module. */
  entries: readonly string[];
}

const NAME = "workflow";

const SERVER = /^\0?workflow\/server(?:\/|$)/;

const OWN = /^workflow(?:\/|$)/;

/**
 * The one plugin for all bundlers: compiles directives in host code, and provides the module `workflow/server`, with which
 * a server has the realm bundles, finds its steps whatever was asked of it yet, and executes runs.
 */
const factory: UnpluginFactory<PluginSettings | undefined> = ({ dirs, importedBy = "entries", development = "ssrLoadModule" } = {}) => {
  const project: Project = { root: findProjectRoot(process.cwd()), isDevelopment: false, entries: [] };
  const injects = importedBy === "entries";
  let built: Promise<BuiltServer> | undefined;
  const build = async (): Promise<BuiltServer> => {
    const modules = findModules({ root: project.root, dirs });
    if (project.isDevelopment) return { text: developmentServer(project.root, modules), code: new Map() };
    return await buildServer(project.root, modules);
  };

  return {
    name: NAME,
    enforce: "pre",
    buildStart() {
      built = undefined;
    },
    resolveId(specifier) {
      if (SERVER.test(specifier)) return specifier.startsWith("\0") ? specifier : `\0${specifier}`;
      // It has threads of its own, and parts that are not JavaScript.
      return OWN.test(specifier) && !isForClient(this) ? { id: specifier, external: true } : null;
    },
    loadInclude: (id) => SERVER.test(id),
    async load(id) {
      if (project.isDevelopment) built = undefined;
      built ??= build();
      const { text, code } = await built;
      return id === `\0${SERVER_MODULE}` ? text : code.get(id.slice(1));
    },
    transformInclude: (id) => mayBeCompiled(fileOf(id)),
    transform(source, id) {
      const file = fileOf(id);
      const compiled = compileHost(file, source, project.root);
      const isEntry = injects && !project.isDevelopment && isServerEntry(id, this, project.entries);
      if (!isEntry) return compiled && { code: compiled.code, map: compiled.map };
      const code = withImport(compiled?.code ?? source, SERVER_MODULE, formatOf(file, source));
      return { code, map: compiled?.map ?? null };
    },
    vite: viteHooks(project, development),
    esbuild: {
      config(options) {
        project.entries = filesOf(options);
      },
      // It finds no files from a module that is none.
      setup(build) {
        build.onResolve({ filter: /.*/, namespace: NAME }, ({ path }) => (isAbsolute(path) ? { path } : undefined));
      },
    },
    webpack: (compiler) => webpackHooks(compiler, project, injects),
    rspack: (compiler) => webpackHooks(compiler, project, injects),
  };
};

/** The plugin for each bundler. */
export const plugins: UnpluginInstance<PluginSettings | undefined> = createUnplugin(factory);

/** Without what bundlers add to ask for another form of the same file. */
function fileOf(id: string): string {
  return id.split("?", 1)[0] as string;
}

function formatOf(file: string, source: string): "module" | "commonjs" {
  return moduleFormatOf(file, source).startsWith("commonjs") ? "commonjs" : "module";
}

/** What browsers get is the bundler's matter. */
function isForClient(context: object): boolean {
  const { environment } = context as { readonly environment?: { readonly config: { readonly consumer: string } } };
  return environment?.config.consumer === "client";
}
