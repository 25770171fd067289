import { fileURLToPath } from "node:url";
import { OF_INTEREST } from "../../compiler/prefilter.ts";
import { mayBeCompiled } from "../../build/source-files.ts";
import { RELOAD_PATH } from "./generated-files.ts";
import type { LoaderOptions } from "./loader.ts";
import type { NextConfig, TurbopackRules, WebpackConfig } from "./next-config.ts";

export interface Additions {
  /** Packages with workflow code, which is compiled like that of the app. */
  readonly libraries: readonly string[];
  readonly sourcemap: boolean;
  readonly loader: LoaderOptions;
}

const LOADER: string = fileURLToPath(new URL("./loader.js", import.meta.url));

const SOURCES = "*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";

const INSTRUMENTATION = /(?:^|[\\/])instrumentation\.[\w.]+$/;

/** The user's config with what workflows need. */
export function composeConfig(config: NextConfig, { libraries, sourcemap, loader }: Additions): NextConfig {
  const { transpilePackages = [], turbopack, webpack, experimental } = config;
  return {
    ...config,
    serverExternalPackages: externalPackages(config, libraries),
    transpilePackages: [...new Set([...transpilePackages, ...libraries])],
    turbopack: { ...turbopack, rules: turbopackRules(turbopack?.rules, loader) },
    webpack(given, context) {
      const changed = (webpack?.(given, context) ?? given) as WebpackConfig;
      if (context.nextRuntime === "nodejs") changed.module.rules.push(webpackRule(loader));
      return changed;
    },
    ...quietReloads(config),
    ...(sourcemap && { experimental: { serverSourceMaps: true, ...experimental } }),
  };
}

/** `workflow` has threads of its own, and parts that are not JavaScript. What has to be compiled cannot be external. */
function externalPackages({ serverExternalPackages = [] }: NextConfig, libraries: readonly string[]): string[] {
  const compiled = serverExternalPackages.filter((name) => libraries.includes(name));
  if (compiled.length > 0) {
    const names = compiled.join(", ");
    process.emitWarning(`${names}: has workflow code, so it is bundled, whatever serverExternalPackages says`, {
      type: "WorkflowWarning",
    });
  }
  return [...new Set([...serverExternalPackages.filter((name) => !compiled.includes(name)), "workflow"])];
}

/** The rules with one more, for files with something to compile. */
function turbopackRules(rules: TurbopackRules = {}, options: LoaderOptions): TurbopackRules {
  const isOfInterest = [...OF_INTEREST.map((content) => ({ content })), { path: INSTRUMENTATION }];
  const own = {
    condition: { all: ["node", { not: "browser" }, { not: "foreign" }, { any: isOfInterest }] },
    loaders: [{ loader: LOADER, options }],
  };
  return { ...rules, [SOURCES]: [own, ...[rules[SOURCES] ?? []].flat()] };
}

function webpackRule(options: LoaderOptions): object {
  return { test: mayBeCompiled, enforce: "pre", use: [{ loader: LOADER, options }] };
}

/** Without the requests by which edited steps are loaded, among those that `next dev` prints. */
function quietReloads({ logging }: NextConfig): Pick<NextConfig, "logging"> {
  if (logging === false || logging?.incomingRequests === false) return {};
  const requests = typeof logging?.incomingRequests === "object" ? logging.incomingRequests : {};
  const ignore = [...(requests.ignore ?? []), RELOAD_PATH];
  return { logging: { ...logging, incomingRequests: { ...requests, ignore } } };
}
