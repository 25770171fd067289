import { serialize } from "../../serialization/serialize.ts";
import { conclude } from "./conclude.ts";
import { callingRun } from "./context.ts";
import { emit } from "./emit.ts";

/** Never resolves: the code that called it is not continued, the run is. */
export function continueAsNew(...args: unknown[]): Promise<never> {
  const run = callingRun();
  const input = serialize(args, { what: "workflow arguments", of: run.workflowName });
  // What was received and not taken is for the next generation; ending the hooks would empty them.
  const untaken = [...run.hooks.values()].flatMap(({ buffer }) => buffer.map(({ position }) => position));
  conclude(run, () => emit(run, { type: "continue", untaken: untaken.toSorted((a, b) => a - b) }, input));
  return new Promise<never>(() => {});
}
