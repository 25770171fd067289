import { writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import {
  createUnplugin,
  type TransformResult,
  type UnpluginFactory,
  type UnpluginInstance,
  type UnpluginOptions,
} from "unplugin";
import { compileHost } from "../build/compile-host.ts";
import { findProjectRoot } from "../build/project-root.ts";
import { mayBeCompiled, SOURCE_ID } from "../build/source-files.ts";
import { OF_INTEREST } from "../compiler/prefilter.ts";
import { importServerFirst } from "./entries.ts";
import { findModules } from "./find-modules.ts";
import { fileOf } from "./file-of.ts";
import type { PluginSettings } from "./options.ts";
import type { Project } from "./project.ts";
import { type BuiltServer, buildServer, developmentServer, SERVER_MODULE } from "./server-module.ts";
import { viteHooks } from "./vite-hooks.ts";
import { webpackHooks } from "./webpack-hooks.ts";

/** An object, since not every loader of webpack takes a text. */
type SourceMap = Exclude<
  Extract<Awaited<TransformResult>, { readonly code: string }>["map"],
  string | null | undefined
>;

const NAME = "workflow";

/** What was found, beside what was built. */
const MANIFEST = "workflow-manifest.json";

/** The ids of the modules that the plugin makes, and what they are imported as. In a form that esbuild understands. */
export const SERVER: RegExp = new RegExp(String.raw`^\x00?workflow/server(?:/|$)`);

const OWN = /^\0?workflow(?:\/|$)/;

/**
 * The one plugin for all bundlers: compiles directives in host code, and provides the module `workflow/server`, with which
 * a server has the realm bundles, finds its steps whatever was asked of it yet, and executes runs.
 */
const factory: UnpluginFactory<PluginSettings | undefined, true> = (
  {
    dirs,
    importedBy = "entries",
    isDevelopment = false,
    development = "ssrLoadModule",
    keepsPackageOutside = true,
    root = process.cwd(),
  } = {},
  { framework },
) => {
  const project: Project = { root: findProjectRoot(root), isDevelopment, hasNitro: false };
  const injects = importedBy === "entries";
  let built: Promise<BuiltServer> | undefined;
  const readProject = async (): Promise<BuiltServer> => {
    const modules = findModules({ root: project.root, dirs });
    if (project.isDevelopment) {
      return { text: developmentServer(project, modules), code: new Map(), files: [], manifest: "" };
    }
    return await buildServer(project, modules);
  };

  const server: UnpluginOptions = {
    name: NAME,
    enforce: "pre",
    buildStart() {
      built = undefined;
    },
    resolveId: {
      filter: { id: OWN },
      handler(specifier) {
        if (SERVER.test(specifier)) return specifier.startsWith("\0") ? specifier : `\0${specifier}`;
        // It has threads of its own, and parts that are not JavaScript.
        return keepsPackageOutside && !isForClient(this) ? { id: specifier, external: true } : null;
      },
    },
    load: {
      filter: { id: SERVER },
      async handler(id) {
        if (project.isDevelopment) built = undefined;
        built ??= readProject();
        const { text, code, files, manifest } = await built;
        for (const file of files) this.addWatchFile(file);
        if (id !== `\0${SERVER_MODULE}`) return code.get(id.slice(1));
        if (manifest !== "") this.emitFile({ type: "asset", fileName: MANIFEST, source: manifest });
        return text;
      },
    },
    transform: {
      filter: { id: SOURCE_ID, code: [...OF_INTEREST] },
      handler(source, id) {
        const file = fileOf(id);
        if (!mayBeCompiled(file)) return undefined;
        const compiled = compileHost(file, source, project.root, isSecondCopy(this, project));
        return compiled && { code: compiled.code, map: JSON.parse(compiled.map) as SourceMap };
      },
    },
    vite: {
      ...viteHooks(project, development),
      // Vite drops what a server's build emits.
      async writeBundle({ dir }) {
        const { manifest = "" } = (await built) ?? {};
        if (dir !== undefined && manifest !== "") await writeFile(join(dir, MANIFEST), manifest);
      },
    },
    rolldown: {
      // It warns of modules that somebody else imports at once: this is to reach those that nobody does.
      onLog: (_level, { code, message }) =>
        code === "INEFFECTIVE_DYNAMIC_IMPORT" && message?.includes(SERVER_MODULE) ? false : undefined,
    },
    esbuild: {
      onResolveFilter: OWN,
      config(options) {
        project.root = findProjectRoot(options.absWorkingDir ?? process.cwd());
      },
      // It finds no files from a module that is none.
      setup(build) {
        build.onResolve({ filter: /.*/, namespace: NAME }, ({ path }) => (isAbsolute(path) ? { path } : undefined));
      },
    },
    webpack: (compiler) => webpackHooks(compiler, project, injects),
    rspack: (compiler) => webpackHooks(compiler, project, injects),
  };
  const hasHooksOfItsOwn = framework === "webpack" || framework === "rspack";
  return injects && !hasHooksOfItsOwn ? [server, importServerFirst(project)] : [server];
};

/** The plugin for each bundler. */
export const plugins: UnpluginInstance<PluginSettings | undefined, true> = createUnplugin(factory);

interface Context {
  /** Of Vite. */
  readonly environment?: { readonly name: string; readonly config: { readonly consumer: string } };
}

/** What browsers get is the bundler's matter. */
function isForClient(context: object): boolean {
  return (context as Context).environment?.config.consumer === "client";
}

/**
 * Nitro builds what the server has to execute, and before that the app, which may have the same modules. While somebody
 * works on them, the copy that was loaded last is the one after the edit.
 */
function isSecondCopy(context: object, { hasNitro, isDevelopment }: Project): boolean {
  return hasNitro && !isDevelopment && (context as Context).environment?.name !== "nitro";
}
