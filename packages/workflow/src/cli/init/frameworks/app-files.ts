import type { Project } from "../project.ts";

const NAMES = ["index", "server", "app", "main"];
const EXTENSIONS = ["ts", "mts", "js", "mjs", "cjs"];

/** The files that may make the app's server, those that its scripts name first. Each is there. */
export function appFiles({ manifest, read }: Project): string[] {
  const commands = ["dev", "start"].map((name) => manifest.scripts?.[name] ?? "");
  const named = commands.flatMap((command) => command.match(/[\w./-]+\.[cm]?[jt]s\b/g) ?? []).flatMap(sourcesOf);
  const usual = ["src/", ""].flatMap((folder) => NAMES.flatMap((name) => spellings(folder + name)));
  return [...new Set([...named, ...usual])].filter((path) => read(path) !== undefined);
}

/** What is run may be the compiled form of what is written. */
function sourcesOf(path: string): string[] {
  const file = path.replace(/^\.\//, "");
  const compiled = /^(?:dist|build|out|lib)\/(?:src\/)?(.+)\.[cm]?js$/.exec(file)?.[1];
  return compiled === undefined ? [file] : [`src/${compiled}`, compiled].flatMap(spellings);
}

function spellings(path: string): string[] {
  return EXTENSIONS.map((extension) => `${path}.${extension}`);
}
