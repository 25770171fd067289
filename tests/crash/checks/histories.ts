import { advance, emptyState, isRunTerminal } from "workflow/world";
import type { Dump, StoredRun } from "../dump.ts";

/** Whether each history can be one: dense, possible, with one end at most, and told by the run's status. */
export function historyViolations(stored: Dump): readonly string[] {
  return stored.runs.flatMap((run) => violationsOf(run).map((violation) => `${run.runId}: ${violation}`));
}

function violationsOf({ runId, status, history }: StoredRun): readonly string[] {
  const found: string[] = [];
  const state = emptyState();
  let turn = 0;
  for (const [index, event] of history.entries()) {
    if (event.position !== index + 1) found.push(`position ${event.position} stands at ${index + 1}`);
    if (event.turn < turn) found.push(`turn ${event.turn} at position ${event.position} comes after turn ${turn}`);
    turn = event.turn;
    const change = advance(runId, state, event);
    if (change.kind === "refused") found.push(`the history is not possible: ${change.reason}`);
  }
  const ends = history.filter((event) => isRunTerminal(event.type)).length;
  if (ends > 1) found.push(`the history has ${ends} ends`);
  if (state.run?.status !== status) found.push(`the run is ${status}, its history says ${state.run?.status}`);
  return found;
}

/** Whether everything has ended and nothing is left over. */
export function remainders(stored: Dump): readonly string[] {
  const found: string[] = [];
  for (const { runId, status, problem, inbox } of stored.runs) {
    if (status === "pending" || status === "running") found.push(`${runId} is still ${status}`);
    if (problem !== undefined) found.push(`${runId} was put aside: ${problem}`);
    if (inbox.length > 0) found.push(`${runId} has ${inbox.length} facts in its inbox`);
  }
  if (stored.tokens.length > 0) found.push(`hooks are active still: ${stored.tokens.join(", ")}`);
  if (stored.held.length > 0) found.push(`payloads are held still: ${stored.held.join(", ")}`);
  if (stored.nextDueAt !== null) found.push(`a run is due still, at ${stored.nextDueAt}`);
  return found;
}
