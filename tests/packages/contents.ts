import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { REPOSITORY } from "./npm.ts";

/** What is wrong with the files of an unpacked package. `source` is the folder that it was packed from. */
export function problemsOfContents(directory: string, source: string): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
  return [
    ...["LICENSE", "README.md"].filter((name) => !files.includes(name)).map((name) => `${name} is missing`),
    ...files.filter(isForTests).map((file) => `${file} belongs to the tests`),
    ...files
      .filter((file) => isStale(file, source))
      .map((file) => `${file} is left from an earlier build: no source makes it`),
    ...files.flatMap((file) => problemsOfText(directory, file)),
  ];
}

function isForTests(file: string): boolean {
  return /\.test\.|(^|\/)(fixtures|__snapshots__)\//.test(file);
}

/** tsc does not remove what it made of a file that is gone. */
function isStale(file: string, source: string): boolean {
  const [, stem] = /^dist\/(.*?)(?:\.d\.ts|\.js)$/.exec(file) ?? [];
  return stem !== undefined && !existsSync(join(source, "src", `${stem}.ts`));
}

function problemsOfText(directory: string, file: string): string[] {
  const text = readFileSync(join(directory, file), "utf8");
  const words = FORBIDDEN.filter((word) => text.includes(word)).map((word) => `${file} contains ${word}`);
  return [
    ...words,
    ...missingSources(directory, file, text).map((missing) => `${file} maps to ${missing}, which is not there`),
  ];
}

/** Paths of this machine, and where packages come from: neither means anything to whoever installs. */
const FORBIDDEN: readonly string[] = [
  ...[REPOSITORY, homedir()].filter((path) => path !== "/").map((path) => `${path}/`),
  "registry.npmjs.org",
  ...Object.entries(process.env).flatMap(([name, value]) => (/^npm_config_registry$/i.test(name) ? hostOf(value) : [])),
];

function hostOf(url: string | undefined): string[] {
  return url === undefined || !URL.canParse(url) ? [] : [new URL(url).host];
}

function missingSources(directory: string, file: string, text: string): string[] {
  const folder = dirname(join(directory, file));
  if (file.endsWith(".map")) {
    const map = JSON.parse(text) as { sources?: string[]; sourcesContent?: (string | null)[] };
    return (map.sources ?? []).filter(
      (path, index) => typeof map.sourcesContent?.[index] !== "string" && !existsSync(join(folder, path)),
    );
  }
  const [, url] = /^\/\/# sourceMappingURL=(?!data:)(.+)$/m.exec(text) ?? [];
  return url === undefined || existsSync(join(folder, basename(url))) ? [] : [url];
}
