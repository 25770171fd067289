import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { importsOf } from "./imports.ts";

/** Lowest first. A directory imports itself and whatever lies lower. */
const LAYERS: readonly (readonly string[])[] = [
  ["world", "serialization"],
  ["compiler", "payloads", "replay", "streams", "world-parts"],
  ["worker", "local"],
  ["api", "http", "build", "plugin"],
  ["integrations", "cli"],
];

/** The imports within a layer. One way only, so that there is no cycle of directories. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  serialization: ["world"],
  http: ["api"],
  build: ["api"],
  plugin: ["api", "http", "build"],
};

/** The only modules of Node that these may name. None of them reads, writes or waits. */
const NODE_MODULES: readonly { readonly under: string; readonly allowed: readonly string[] }[] = [
  { under: "compiler", allowed: [] },
  { under: "payloads", allowed: ["crypto", "zlib"] },
  { under: join("replay", "realm"), allowed: [] },
  { under: "replay", allowed: ["vm", "crypto", "util/types"] },
];

/** Every breach of the layering in the repository at `root`, one line each. */
export function violations(root: string): string[] {
  const source = join(root, "packages/workflow/src");
  return [...typeScriptFiles(source).flatMap((file) => violationsOfFile(source, file)), ...violationsOfManifests(root)];
}

function typeScriptFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?tsx?$/.test(file) && !/\.test\.tsx?$|(^|[\\/])fixtures[\\/]/.test(file))
    .toSorted();
}

function violationsOfFile(source: string, file: string): string[] {
  return importsOf(join(source, file)).flatMap(({ specifier, line }) => {
    const problem = specifier.startsWith(".")
      ? problemOfPath(file, relative(source, join(source, dirname(file), specifier)))
      : problemOfPackage(file, specifier);
    return problem === undefined ? [] : [`${file}:${line} imports ${specifier}: ${problem}`];
  });
}

function problemOfPath(file: string, target: string): string | undefined {
  const [from, to] = [directoryOf(file), directoryOf(target)];
  if (from === undefined) return undefined;
  if (target.startsWith("..")) return "it is outside of src";
  if (to === undefined) return "an entry file is for users; import what it re-exports";
  if (from === to) return undefined;
  if (to === "integrations") return "nothing imports an integration";
  const [low, high] = [layerOf(to), layerOf(from)];
  if (low === -1 || high === -1) return `${low === -1 ? to : from}/ has no layer`;
  if (low === high && !BESIDE[from]?.includes(to)) return `${to}/ is in the same layer as ${from}/`;
  return low > high ? `${to}/ is in a higher layer than ${from}/` : undefined;
}

/** Undefined for an entry file. */
function directoryOf(file: string): string | undefined {
  const [first, ...rest] = file.split(sep);
  return rest.length === 0 ? undefined : first;
}

function layerOf(directory: string): number {
  return LAYERS.findIndex((layer) => layer.includes(directory));
}

function problemOfPackage(file: string, specifier: string): string | undefined {
  if (/^(workflow$|workflow\/|@workflow\/)/.test(specifier))
    return "the package does not import itself or its satellites";
  const name = specifier.replace(/^node:/, "");
  const isNode = specifier !== name || builtinModules.includes(name);
  const rule = NODE_MODULES.find(({ under }) => file.startsWith(under + sep));
  if (!isNode || rule === undefined || rule.allowed.includes(name)) return undefined;
  return `${rule.under}/ does no I/O`;
}

function violationsOfManifests(root: string): string[] {
  const problems: string[] = [];
  const workflow = manifest(join(root, "packages/workflow"));
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]) {
    for (const name of Object.keys(workflow[field] ?? {})) {
      if (name.startsWith("@workflow/")) problems.push(`packages/workflow/package.json: ${field} names ${name}`);
    }
  }
  const world = manifest(join(root, "packages/world"));
  if (world["peerDependencies"]?.["workflow"] !== workflow["version"]) {
    problems.push(`packages/world/package.json: workflow ${workflow["version"]} is not its peer`);
  }
  if (world["dependencies"]?.["workflow"] !== undefined) {
    problems.push("packages/world/package.json: workflow is a dependency, not only a peer");
  }
  return problems;
}

// oxlint-disable-next-line typescript/no-explicit-any -- as JSON.parse gives it
function manifest(directory: string): Record<string, any> {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
}
