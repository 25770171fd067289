import type { Project } from "./project.ts";

const PATH = ".gitignore";
const ENTRY = ".workflow-data";

/** The text of `.gitignore` that keeps the data of runs out of the repository, if there is something to do. */
export function ignoreData({ read }: Project, inGit: boolean): { readonly path: string; readonly after: string }[] {
  const text = read(PATH);
  if (text === undefined) return inGit ? [{ path: PATH, after: `${ENTRY}\n` }] : [];
  const isThere = text.split(/\r?\n/).some((line) => /^\/?\.workflow-data\/?$/.test(line.trim()));
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  return isThere ? [] : [{ path: PATH, after: `${text}${end}${ENTRY}\n` }];
}
