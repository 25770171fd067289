import type { Terminal } from "../terminal.ts";
import type { Changes, LeftOver } from "./changes.ts";
import type { GitState } from "./git.ts";
import type { Plan } from "./plan.ts";

/** What was written, what is left to do, how to see it work, and how to undo it. */
export function showEnd(plan: Plan, { changes, leftOvers }: Changes, git: GitState, terminal: Terminal): void {
  const { starter, notes, address, start } = plan;
  terminal.print(`Written: ${changes.map(({ path }) => path).join(", ")}`);
  if (git.status !== "none") terminal.print(`Undo: ${undoOf(changes)}`);
  showLeftOvers(leftOvers, terminal);
  for (const note of notes) terminal.print(`\n${note}`);
  if (starter.status === "in-the-way" || address === undefined) return;
  const call = (route: string, body: object): string => `curl --json '${JSON.stringify(body)}' ${address}/${route}`;
  terminal.print(
    [
      "\nTry it:",
      `  ${start}`,
      `  ${call("start", { name: "Ada" })}`,
      `  ${call("resume", { runId: "<the runId of the answer>", text: "Hello back" })}`,
      "  npx workflow inspect runs",
    ].join("\n"),
  );
}

/** Lines that this program could not add. */
export function showLeftOvers(leftOvers: readonly LeftOver[], terminal: Terminal): void {
  for (const { path, why, add } of leftOvers) {
    const lines = add.split("\n").map((line) => `  ${line}`);
    terminal.print([`\n${path} is left to you, because ${why}. Add to it:`, ...lines].join("\n"));
  }
}

function undoOf(changes: Changes["changes"]): string {
  const edited = changes.filter(({ before }) => before !== undefined).map(({ path }) => path);
  const added = changes.filter(({ before }) => before === undefined).map(({ path }) => path);
  const checkout = edited.length === 0 ? [] : [`git checkout -- ${edited.join(" ")}`];
  return [...checkout, ...(added.length === 0 ? [] : [`rm ${added.join(" ")}`])].join(" && ");
}
