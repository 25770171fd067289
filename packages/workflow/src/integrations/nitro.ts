import { isAbsolute, relative } from "node:path";
import { findProjectRoot } from "../build/project-root.ts";
import type { PluginSettings } from "../plugin/options.ts";
import { plugins } from "../plugin/plugin.ts";
import type { NitroModuleOptions } from "./nitro-options.ts";
import { sortPackages } from "./nitro-packages.ts";
import { addToServer, tellPort } from "./nitro-server.ts";
import { type BundlerConfig, isVersion2, type Nitro } from "./nitro-shape.ts";

/** A module of Nitro, of version 2 or 3. */
export interface NitroModule {
  readonly name: string;
  setup(nitro: unknown): void;
}

/**
 * A module of Nitro: its server has the workflows and steps of the project, executes runs, and answers webhooks.
 * @param fromElsewhere Options that are not in Nitro's configuration, where they stand under `workflow`.
 */
export function createNitroModule(fromElsewhere: NitroModuleOptions = {}): NitroModule {
  return {
    name: "workflow",
    setup(given) {
      const nitro = given as Nitro;
      const { rootDir, dev, builder, scanDirs, workflow } = nitro.options;
      const root = findProjectRoot(rootDir);
      const { dirs } = { ...(workflow as NitroModuleOptions | undefined), ...fromElsewhere };
      const settings: PluginSettings = {
        root,
        dirs: dirs ?? [".", ...outside(scanDirs, root)],
        importedBy: "integration",
        // Vite loads modules anew one by one; where bundles are built anew, all is as in production.
        isDevelopment: dev && builder === "vite",
      };
      nitro.hooks.hook("rollup:before", (_, config) => addPlugins(config, nitro, settings));
      prepareServer(nitro, root);
    },
  };
}

/** What has nothing to do with how the bundler is told. */
export function prepareServer(nitro: Nitro, root: string): void {
  const { dev, devServer, preset } = nitro.options;
  sortPackages(nitro, root);
  if (dev) tellPort(devServer?.port);
  // What renders pages while the app is built executes no runs.
  if (preset !== "nitro-prerender") addToServer(nitro);
}

/** The module for `modules: ["workflow/nitro"]`. */
export const nitroModule: NitroModule = createNitroModule();

/** Beside the repository that a project is in, the package may be a link to its folder. */
const LINKED_PACKAGE = {
  name: "workflow:linked",
  resolveId: (specifier: string) =>
    /^workflow(?:\/(?!server(?:\/|$))|$)/.test(specifier) ? { id: specifier, external: true } : null,
};

/** Layers that are not in the project: a package, or a folder beside it. */
function outside(dirs: readonly string[], root: string): readonly string[] {
  return dirs.filter((dir) => {
    const path = relative(root, dir);
    return path.startsWith("..") || isAbsolute(path);
  });
}

function addPlugins(config: BundlerConfig, nitro: Nitro, settings: PluginSettings): void {
  const given = config.plugins ?? [];
  if (isVersion2(nitro)) {
    // What a plugin before Nitro's own says is outside is not copied. What comes after it is for packages that are links.
    const at = given.findIndex(({ name }) => name === "node-externals") + 1;
    const main = plugins.rollup({ ...settings, keepsPackageOutside: false });
    config.plugins = [main, ...given.slice(0, at), LINKED_PACKAGE, ...given.slice(at)].flat();
    return;
  }
  const { builder } = nitro.options;
  const added = [plugins[builder === "rollup" ? "rollup" : "rolldown"](settings)].flat();
  config.plugins = builder === "vite" ? [...given, ...added.map(beforeVite)] : [...added, ...given];
}

/** Vite itself resolves before the plugins of Nitro do, if they do not want to be first. */
function beforeVite(plugin: object): object {
  const { resolveId } = plugin as { readonly resolveId?: object };
  return { ...plugin, resolveId: { ...resolveId, order: "pre" } };
}
