import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What this package wants to know of a `package.json`. */
export interface PackageJson {
  /** The folder it is in; absolute. */
  readonly dir: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly type: "module" | "commonjs" | undefined;
  readonly main: string | undefined;
  readonly exports: unknown;
  /** It lists `workflow` as a dependency or peer dependency: its files may contain directives. */
  readonly usesWorkflow: boolean;
  /** The names of the packages that it depends on, peers not among them. */
  readonly dependencies: readonly string[];
}

/** By folder. Never dropped: Node itself does not notice a `package.json` that changes under a running process either. */
const known = new Map<string, PackageJson | null>();

/** The `package.json` in this very folder. */
export function packageIn(dir: string): PackageJson | undefined {
  let found = known.get(dir);
  if (found === undefined) {
    found = readPackage(dir) ?? null;
    known.set(dir, found);
  }
  return found ?? undefined;
}

/** The `package.json` that Node takes a file's module type from. */
export function nearestPackage(file: string): PackageJson | undefined {
  return findUpward(dirname(file), (found) => found !== undefined);
}

/** The package a file belongs to. A `package.json` without a name, as build output has, only sets the module type. */
export function owningPackage(file: string): PackageJson | undefined {
  return findUpward(dirname(file), (found) => found?.name !== undefined);
}

function findUpward(start: string, accept: (found: PackageJson | undefined) => boolean): PackageJson | undefined {
  for (const dir of foldersUpward(start)) {
    if (dir.endsWith("node_modules")) return undefined;
    const found = packageIn(dir);
    if (accept(found)) return found;
  }
  return undefined;
}

/** `start` and the folders around it, innermost first. */
export function foldersUpward(start: string): readonly string[] {
  const parent = dirname(start);
  return parent === start ? [start] : [start, ...foldersUpward(parent)];
}

function readPackage(dir: string): PackageJson | undefined {
  const json = parse(join(dir, "package.json"));
  if (json === undefined) return undefined;
  const type = json["type"];
  return {
    dir,
    name: text(json["name"]),
    version: text(json["version"]),
    type: type === "module" || type === "commonjs" ? type : undefined,
    main: text(json["main"]),
    exports: json["exports"],
    usesWorkflow: lists(json["dependencies"]) || lists(json["peerDependencies"]),
    dependencies: Object.keys((json["dependencies"] as object | undefined) ?? {}),
  };
}

function parse(path: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function lists(dependencies: unknown): boolean {
  return typeof dependencies === "object" && dependencies !== null && "workflow" in dependencies;
}
