import type { GitState } from "./git.ts";
import { ignoreData } from "./ignore-data.ts";
import type { Edit, Plan } from "./plan.ts";
import type { Project } from "./project.ts";

/** What would become of one file. */
export interface Change {
  readonly path: string;
  /** Undefined for a new one. */
  readonly before: string | undefined;
  readonly after: string;
}

/** What the user has to add to a file. */
export interface LeftOver {
  readonly path: string;
  readonly why: string;
  readonly add: string;
}

export interface Changes {
  readonly changes: readonly Change[];
  readonly leftOvers: readonly LeftOver[];
}

/** Decides only; nothing is written. */
export function changesOf(project: Project, { edits, starter }: Plan, git: GitState): Changes {
  const additions = starter.status === "wanted" ? starter.additions : [];
  const all: Change[] = [
    ...edits.flatMap((edit) => textOf(edit)),
    ...additions.map(({ path, text }) => ({ path, after: text })),
    ...ignoreData(project, git),
  ].map(({ path, after }) => ({ path, before: project.read(path), after }));
  return { changes: all.filter(({ before, after }) => before !== after), leftOvers: edits.flatMap(leftOverOf) };
}

function textOf({ path, outcome }: Edit): { readonly path: string; readonly after: string }[] {
  return outcome.status === "edited" ? [{ path, after: outcome.text }] : [];
}

function leftOverOf({ path, outcome }: Edit): LeftOver[] {
  return outcome.status === "by-hand" ? [{ path, why: outcome.why, add: outcome.add }] : [];
}
