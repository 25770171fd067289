import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** The app as it stands before anything is changed. Paths are relative to its folder, with `/`. */
export interface Project {
  readonly manifest: Manifest;
  /** Whether new files are TypeScript. */
  readonly typescript: boolean;
  /** With `\n` at the ends of lines. Undefined when there is no such file. */
  read(path: string): string | undefined;
}

export interface Manifest {
  readonly type?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** @throws `UsageError` where there is no `package.json`, or none that can be read. */
export function openProject(folder: string): Project {
  const read = (path: string): string | undefined => {
    const text = readIfThere(join(folder, path));
    return text !== undefined && hasCarriageReturns(text) ? text.replaceAll("\r\n", "\n") : text;
  };
  const text = read("package.json");
  if (text === undefined) {
    throw new UsageError(`There is no package.json in ${folder}. Change to the folder of the app`);
  }
  const manifest = parseManifest(text, folder);
  // With a jsconfig.json, TypeScript is there to check JavaScript.
  const typescript =
    read("tsconfig.json") !== undefined || (dependsOn(manifest, "typescript") && read("jsconfig.json") === undefined);
  return { manifest, typescript, read };
}

/** Of an app, at run time or while it is developed. */
export function dependsOn({ dependencies, devDependencies }: Manifest, name: string): boolean {
  return [dependencies, devDependencies].some((list) => list !== undefined && Object.hasOwn(list, name));
}

/** The first of these files that is there. */
export function firstFile({ read }: Project, paths: readonly string[]): string | undefined {
  return paths.find((path) => read(path) !== undefined);
}

function parseManifest(text: string, folder: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest === "object" && manifest !== null && !Array.isArray(manifest)) return manifest;
  } catch {
    // The same is to be said of JSON that is no object.
  }
  throw new UsageError(`The package.json in ${folder} is not a JSON object. Correct it first`);
}

/** Whether lines end as on Windows, all of them. */
export function hasCarriageReturns(text: string): boolean {
  return text.includes("\r\n") && !/(?<!\r)\n/.test(text);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}
