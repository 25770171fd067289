import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import type { ModuleType, Plugin, PluginContext, ResolvedId } from "rolldown";
import { compile } from "../compiler/compile.ts";
import { mayHaveClasses, mayHaveDirective } from "../compiler/prefilter.ts";
import type { Compiled, Diagnostic } from "../compiler/types.ts";
import { guardLoops } from "./loop-guard.ts";
import { moduleSpecifierOf } from "./module-specifier.ts";
import type { MissingName } from "./missing-names.ts";
import { realmModuleCode, realmModuleId } from "./realm-modules.ts";
import { fileByPaths } from "./resolving.ts";
import { explainRefusal, type RefusedImport } from "./refused-imports.ts";
import { mayBeCompiled } from "./source-files.ts";
import { importsOf, type Resolve, type StorableClasses } from "./storable-classes.ts";

export const ENTRY = "\0workflow-entry";

/** What one build finds out on its way. */
export interface RealmBuild {
  readonly root: string;
  /** The file whose workflows are bundled. */
  readonly file: string;
  /** Calls that register the workflows of the file. */
  readonly entryCode: string;
  readonly storableClasses: StorableClasses;
  /** The files that are compiled, in realm mode. */
  readonly compiled: Map<string, Compiled>;
  readonly missing: readonly MissingName[];
  /** What of the refused imports is used in the bundle. */
  readonly refusals: Diagnostic[];
}

/** Resolves, compiles and replaces what rolldown does not know about workflow code. */
export function realmPlugin(build: RealmBuild): Plugin {
  const refused: RefusedImport[] = [];
  const refuse = (
    reason: RefusedImport["reason"],
    specifier: string,
    importer: string,
  ): { id: string; external: true } => {
    const token = `workflow:refused-${refused.length}`;
    refused.push({ token, reason, specifier, importer });
    return { id: token, external: true };
  };
  return {
    name: "workflow-realm",
    resolveId: {
      filter: { id: /^[^./\\]/ },
      async handler(specifier, importer, { kind }) {
        if (specifier === ENTRY) return ENTRY;
        if (importer === undefined || kind === "dynamic-import") return null;
        if (isBuiltin(specifier)) return refuse("node", specifier, importer);
        const realmModule = realmModuleId(specifier);
        if (realmModule !== undefined) return { id: realmModule, moduleSideEffects: false };
        if (/^workflow(?:\/|$)/.test(specifier)) return refuse("host-only", specifier, importer);
        const resolved = await find(this, specifier, importer, build.root, kind);
        return resolved ?? refuse("unresolved", specifier, importer);
      },
    },
    // Left as it is; what survives tree shaking is reported from the finished bundle.
    resolveDynamicImport: (specifier) => ({ id: String(specifier), external: true }),
    async load(id) {
      if (id !== ENTRY) return loadInRealm(id, build);
      const resolve: Resolve = async (specifier, importer) =>
        (await find(this, specifier, importer, build.root, "import-statement"))?.id;
      return { code: build.entryCode + importsOf(await build.storableClasses(resolve)), moduleType: "js" };
    },
    renderChunk: (code) => guardLoops(code),
    generateBundle(_options, bundle) {
      const importersOf = (id: string): readonly string[] => this.getModuleInfo(id)?.importers ?? [];
      const text = Object.values(bundle)
        .map((output) => (output.type === "chunk" ? output.code : ""))
        .join();
      for (const found of refused.filter(({ token }) => text.includes(`"${token}"`))) {
        build.refusals.push(explainRefusal(found, chainBetween(build.file, found.importer, importersOf), build.root));
      }
    },
  };
}

type ImportKind = NonNullable<NonNullable<Parameters<PluginContext["resolve"]>[2]>["kind"]>;

/** What is inside of the bundle, as the bundler finds it or else the project's `tsconfig.json`. */
async function find(
  context: PluginContext,
  specifier: string,
  importer: string,
  root: string,
  kind: ImportKind,
): Promise<ResolvedId | undefined> {
  const found = await context.resolve(specifier, importer, { kind, skipSelf: true });
  if (found?.external === false) return found;
  const file = await fileByPaths(specifier, importer, root);
  return file === undefined
    ? undefined
    : ((await context.resolve(file, importer, { kind, skipSelf: true })) ?? undefined);
}

function loadInRealm(id: string, build: RealmBuild): { code: string; map?: string; moduleType: ModuleType } | null {
  const code = realmModuleCode(id, build.missing);
  if (code !== undefined) return { code, moduleType: "js" };
  const compiled = compileRealm(id, build);
  return compiled === undefined ? null : { code: compiled.code, map: compiled.map, moduleType: languageOf(id) };
}

/** Undefined for files without directives and classes whose values can be stored. Each file is compiled once per build. */
export function compileRealm(file: string, build: Pick<RealmBuild, "root" | "compiled">): Compiled | undefined {
  const known = build.compiled.get(file);
  if (known !== undefined || !mayBeCompiled(file)) return known;
  const source = readFileSync(file, "utf8");
  const isWorkflowCode = mayHaveDirective(source);
  if (!isWorkflowCode && !mayHaveClasses(source)) return undefined;
  const compiled = compile({
    source,
    file,
    moduleSpecifier: moduleSpecifierOf(file, build.root),
    mode: "realm",
  });
  if (!isWorkflowCode && compiled.code === source) return undefined;
  build.compiled.set(file, compiled);
  return compiled;
}

function languageOf(file: string): ModuleType {
  const [, typescript, x] = /\.[cm]?(?:(t)|j)s(x?)$/.exec(file) ?? [];
  return `${typescript === undefined ? "js" : "ts"}${x ?? ""}` as ModuleType;
}

/** The shortest way of imports from one file to another, both included. */
function chainBetween(from: string, to: string, importersOf: (file: string) => readonly string[]): readonly string[] {
  const waysToEnd = [[to]];
  const seen = new Set([to]);
  for (const way of waysToEnd) {
    if (way[0] === from) return way;
    for (const importer of importersOf(way[0] as string)) {
      if (!seen.has(importer)) waysToEnd.push([importer, ...way]);
      seen.add(importer);
    }
  }
  return [to];
}
