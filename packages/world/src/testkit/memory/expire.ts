import type { RunRow, Tables } from "./tables.ts";

/** Removes the data of a run that is to keep none: every payload. Of its streams, how long they were stays. */
export function expire({ streams }: Tables, { runId, history, entities: { steps, hooks } }: RunRow): void {
  for (const stream of streams.filter((row) => row.runId === runId)) {
    stream.expired = true;
    stream.chunks.forEach((_, index) => (stream.chunks[index] = new Uint8Array()));
  }
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
