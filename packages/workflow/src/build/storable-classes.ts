/**
 * A workflow may be given an instance of a class that its code never mentions: a step makes it, or `start` passes it. Its
 * bundle has the class nevertheless, if the workflow's file leads to the class by imports, those of types included.
 */
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { parseSync } from "rolldown/utils";
import { compile } from "../compiler/compile.ts";
import { mayHaveClasses } from "../compiler/prefilter.ts";
import type { ClassEntry } from "../compiler/types.ts";
import { moduleSpecifierOf } from "./module-specifier.ts";
import { mayBeCompiled } from "./source-files.ts";

/** The file that an import means; undefined when it is none. */
export type Resolve = (specifier: string, importer: string) => Promise<string | undefined>;

export interface StorableClass extends ClassEntry {
  readonly file: string;
}

/** In the order in which the imports lead to them. Found once, however often it is asked. */
export type StorableClasses = (resolve: Resolve) => Promise<readonly StorableClass[]>;

export function createStorableClasses({
  file,
  root,
}: {
  readonly file: string;
  readonly root: string;
}): StorableClasses {
  let found: Promise<readonly StorableClass[]> | undefined;
  return (resolve) => (found ??= findClasses(file, root, resolve));
}

/** What a bundle's entry says to have them. */
export function importsOf(classes: readonly StorableClass[]): string {
  return classes
    .map(({ classId, exportName, file }, index) => {
      const name = `class${index}`;
      return (
        `import { ${exportName} as ${name} } from ${JSON.stringify(file)};\n` +
        `__workflow.class(${JSON.stringify(classId)}, ${name});\n`
      );
    })
    .join("");
}

async function findClasses(start: string, root: string, resolve: Resolve): Promise<readonly StorableClass[]> {
  const files = [start];
  const seen = new Set(files);
  const classes: StorableClass[] = [];
  for (const file of files) {
    const outline = outlineOf(file, root);
    classes.push(...outline.classes);
    const targets = await Promise.all(outline.imports.map((specifier) => resolve(specifier, file)));
    for (const target of targets) {
      if (target === undefined || seen.has(target) || !mayBeCompiled(target)) continue;
      seen.add(target);
      files.push(target);
    }
  }
  return withHeirs(classes);
}

/** What of a file matters here. */
interface Outline {
  readonly digest: string;
  readonly imports: readonly string[];
  readonly classes: readonly StorableClass[];
}

/** By project and file: the workflows of a project mostly lead to the same ones. */
const outlines = new Map<string, Outline>();

function outlineOf(file: string, root: string): Outline {
  const source = readFileSync(file, "utf8");
  const digest = hash("sha1", source);
  const key = `${root}\n${file}`;
  const known = outlines.get(key);
  if (known?.digest === digest) return known;
  const outline = { digest, imports: importedBy(file, source), classes: classesIn(file, source, root) };
  outlines.set(key, outline);
  return outline;
}

function classesIn(file: string, source: string, root: string): readonly StorableClass[] {
  if (!mayHaveClasses(source)) return [];
  const { manifest } = compile({ source, file, moduleSpecifier: moduleSpecifierOf(file, root), mode: "realm" });
  return manifest.classes.map((entry) => ({ ...entry, file }));
}

function importedBy(file: string, source: string): readonly string[] {
  const { staticImports, staticExports } = parseSync(file, source).module;
  const specifiers = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value)),
  ];
  const isOfFile = (specifier: string | undefined): specifier is string =>
    specifier !== undefined && !isBuiltin(specifier) && !/^workflow(?:\/|$)/.test(specifier);
  return [...new Set(specifiers.filter(isOfFile))];
}

/** Those that have the methods, and those that inherit from one of that name. */
function withHeirs(classes: readonly StorableClass[]): readonly StorableClass[] {
  const names = new Set<string>();
  const nameOf = ({ classId }: ClassEntry): string => classId.slice(classId.lastIndexOf("/") + 1);
  const isStorable = ({ isSerializable, parent }: ClassEntry): boolean =>
    isSerializable || (parent !== undefined && names.has(parent));
  for (let before = -1; before !== names.size;) {
    before = names.size;
    for (const entry of classes) if (isStorable(entry)) names.add(nameOf(entry));
  }
  return classes.filter(isStorable);
}
