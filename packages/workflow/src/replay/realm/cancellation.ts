import { WorkflowError, WorkflowRunCancelledError } from "../../world/errors.ts";
import type { EventData } from "../../world/events.ts";
import type { CancellableOptions } from "../primitives.ts";
import { callingRun, type RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import { timeOf } from "./time-of.ts";

const DEFAULT_CLEANUP = "30s";
const LONGEST_CLEANUP_MS = 24 * 60 * 60 * 1000;

/** Code that calls this is told of a cancellation, and has that long to come to an end of its own. */
export function cancellable({ cleanup = DEFAULT_CLEANUP }: CancellableOptions = {}): void {
  const run = callingRun();
  const cleanupMs = timeOf(cleanup, run.now, "cleanup of cancellable()") - run.now;
  if (!(cleanupMs > 0 && cleanupMs <= LONGEST_CLEANUP_MS)) {
    throw new WorkflowError(
      "INVALID_ARGUMENT",
      `cancellable() takes a cleanup of more than nothing and at most 24 hours, not ${JSON.stringify(cleanup)}`,
    );
  }
  emit(run, { type: "cancellable", cleanupMs });
}

/** Whatever the code waits for at this moment fails; what it begins from now on, to clean up, works as always. */
export function interrupt(run: RunContext, { cancelReason }: EventData["cancel_requested"]): void {
  run.cancelled = true;
  const reason = new WorkflowRunCancelledError(run.runId, cancelReason);
  const steps = [...run.steps.values()];
  run.steps.clear();
  for (const { reject } of steps) reject(reason);
  for (const wait of [...run.waits.values()]) wait.interrupt(reason);
  for (const hook of run.hooks.values()) for (const waiter of hook.waiters.splice(0)) waiter.reject(reason);
}
