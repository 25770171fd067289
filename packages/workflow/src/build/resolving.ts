import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInNodeModules, SOURCE_EXTENSIONS } from "./source-files.ts";

/** What names of modules mean in workflow code. */
export const RESOLVE: {
  conditionNames: string[];
  mainFields: string[];
  extensions: string[];
  extensionAlias: Record<string, string[]>;
} = {
  conditionNames: ["workflow"],
  mainFields: ["module", "main"],
  extensions: [...SOURCE_EXTENSIONS, ".json"],
  extensionAlias: {
    ".js": [".js", ".ts", ".tsx"],
    ".jsx": [".jsx", ".tsx"],
    ".mjs": [".mjs", ".mts"],
    ".cjs": [".cjs", ".cts"],
  },
};

/**
 * What the project's `tsconfig.json` has among its `paths` for a name that the bundler does not know. It asks the nearest
 * one itself, but not where that has its `include` from a file in another folder, as frameworks write them.
 */
export async function fileByPaths(specifier: string, importer: string, root: string): Promise<string | undefined> {
  const configFile = join(root, "tsconfig.json");
  if (/^[./\\]/.test(specifier) || isInNodeModules(importer) || !existsSync(configFile)) return undefined;
  const { ResolverFactory } = await import("rolldown/experimental");
  const resolver = new ResolverFactory({ ...RESOLVE, tsconfig: { configFile, references: "auto" } });
  return (await resolver.async(join(importer, ".."), specifier)).path;
}
