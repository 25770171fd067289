import type { Edit, Outcome } from "./plan.ts";
import type { Project } from "./project.ts";
import type { Obstacle } from "./source/lists.ts";
import { openSource, saysText, type Source } from "./source/source.ts";

export interface Change {
  /** A text in the code by which one sees that the file has what it needs. */
  readonly sign: string;
  readonly edit: (source: Source) => Obstacle;
  /** The lines that the user has to add where this cannot. */
  readonly byHand: string;
}

/** What becomes of a file of the user's. Decides only; nothing is written. */
export function editFile(project: Project, path: string, change: Change): Edit {
  return { path, outcome: outcomeOf(project, path, change) };
}

function outcomeOf({ read }: Project, path: string, { sign, edit, byHand }: Change): Outcome {
  const text = read(path);
  if (text === undefined) return { status: "by-hand", why: "it is not there", add: byHand };
  const source = openSource(path, text);
  if (source === undefined) return { status: "by-hand", why: "it cannot be parsed", add: byHand };
  if (saysText(source, sign)) return { status: "done" };
  const obstacle = edit(source);
  if (obstacle !== undefined) return { status: "by-hand", why: obstacle, add: byHand };
  return { status: "edited", text: source.output.toString() };
}
