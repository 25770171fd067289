import type { RunRow } from "./tables.ts";

/** Removes the data of a run that is to keep none: every payload. What its streams hold goes here too. */
export function expire({ history, entities: { steps, hooks } }: RunRow): void {
  history.splice(0, history.length, ...history.map(({ payload: _payload, ...event }) => event));
  for (const [stepId, { input: _input, output: _output, error: _error, ...step }] of steps) steps.set(stepId, step);
  for (const [
    hookId,
    {
      status,
      hook: { metadata: _metadata, ...hook },
    },
  ] of hooks)
    hooks.set(hookId, { status, hook });
}
