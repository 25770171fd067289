import type { PackageJson } from "./packages.ts";

/** One line of a package's `exports`, conditions flattened: `./sub/*` leads to `./dist/sub/*.js`. */
interface ExportEntry {
  readonly subpath: string;
  /** Null takes the subpath away again. */
  readonly target: string | null;
}

/** The subpath (`.` or `./sub`) under which the package exports its file `path` (`./dist/sub.js`), if it does. */
export function exportedSubpath(found: PackageJson, path: string): string | undefined {
  const entries = entriesOf(found);
  for (const { subpath, target } of entries) {
    const star = target === null ? undefined : matchStar(target, path);
    if (star === undefined) continue;
    const exported = subpath.replace("*", star);
    if (!isTakenAway(exported, subpath, entries)) return exported;
  }
  return undefined;
}

/** The files (`./dist/sub.js`) that the subpath may lead to, for whichever conditions. */
export function exportTargets(found: PackageJson, subpath: string): readonly string[] {
  const entries = entriesOf(found);
  return entries.flatMap(({ subpath: pattern, target }) => {
    const star = target === null ? undefined : matchStar(pattern, subpath);
    if (target === null || star === undefined || isTakenAway(subpath, pattern, entries)) return [];
    return [target.replaceAll("*", star)];
  });
}

/** The files (`./dist/sub.js`) that `import` gets from the package. */
export function importTargets(found: PackageJson): readonly string[] {
  if (found.exports === undefined) return mainEntries(found.main ?? "index.js").flatMap(({ target }) => target ?? []);
  const byPath = hasSubpaths(found.exports) ? Object.values(found.exports) : [found.exports];
  return byPath.flatMap((value) => importTarget(value) ?? []);
}

const CONDITIONS = new Set(["workflow", "node", "module-sync", "import", "default"]);

function importTarget(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const entry = Object.entries(value).find(([condition]) => CONDITIONS.has(condition));
  return entry === undefined ? undefined : importTarget(entry[1]);
}

function entriesOf(found: PackageJson): readonly ExportEntry[] {
  if (found.exports === undefined) return mainEntries(found.main ?? "index.js");
  if (!hasSubpaths(found.exports)) return targetsOf(".", found.exports);
  return Object.entries(found.exports).flatMap(([subpath, value]) => targetsOf(subpath, value));
}

/** Without `exports` only the main file counts; `main` may leave out its extension or mean a folder. */
function mainEntries(main: string): readonly ExportEntry[] {
  const path = main.startsWith("./") ? main : `./${main}`;
  const spellings = [path, `${path}.js`, `${path.replace(/\/$/, "")}/index.js`];
  return spellings.map((target) => ({ subpath: ".", target }));
}

function hasSubpaths(exports: unknown): exports is Record<string, unknown> {
  return typeof exports === "object" && exports !== null && Object.keys(exports).some((key) => key.startsWith("."));
}

function targetsOf(subpath: string, value: unknown): readonly ExportEntry[] {
  if (typeof value === "string" || value === null) return [{ subpath, target: value }];
  if (typeof value !== "object") return [];
  return Object.values(value as object).flatMap((inner) => targetsOf(subpath, inner));
}

/** What `*` of the pattern stands for in `path`; "" when they are simply equal. */
function matchStar(pattern: string, path: string): string | undefined {
  const at = pattern.indexOf("*");
  if (at === -1) return pattern === path ? "" : undefined;
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + 1);
  if (path.length <= before.length + after.length) return undefined;
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  return path.slice(before.length, path.length - after.length);
}

function isTakenAway(subpath: string, by: string, entries: readonly ExportEntry[]): boolean {
  return entries.some(
    (entry) =>
      entry.target === null && entry.subpath.length > by.length && matchStar(entry.subpath, subpath) !== undefined,
  );
}
