import { serializeThrown } from "../../serialization/serialize.ts";
import type { RunErrorCode } from "../../world/events.ts";
import type { Bridge } from "./bridge.ts";
import type { RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import { end } from "./hook.ts";
import { explainStacks } from "./stacks.ts";

/** Ends the code of a run: it reports how, and gets nothing any more. A run that is being cancelled ends as that. */
export function conclude(run: RunContext, report: () => void): void {
  if (run.cancelled) emit(run, { type: "cancelled" });
  else report();
  run.ended = true;
  for (const hook of run.hooks.values()) end(hook);
}

export function fail(run: RunContext, bridge: Bridge, error: unknown, errorCode: RunErrorCode): void {
  explainStacks(bridge, error);
  emit(run, { type: "fail", errorCode }, serializeThrown(error, { what: "thrown value", of: run.workflowName }));
}
