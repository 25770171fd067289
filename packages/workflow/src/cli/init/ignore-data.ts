import { DEFAULT_DIRECTORY } from "../../local/settings.ts";
import type { GitState } from "./git.ts";
import type { Project } from "./project.ts";

const PATH = ".gitignore";

/** The text of `.gitignore` that keeps the data of runs out of the repository, if there is something to do. */
export function ignoreData({ read }: Project, git: GitState): { readonly path: string; readonly after: string }[] {
  if (git.status === "none" || git.ignoresData) return [];
  const text = read(PATH) ?? "";
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  return [{ path: PATH, after: `${text}${end}${DEFAULT_DIRECTORY}\n` }];
}
