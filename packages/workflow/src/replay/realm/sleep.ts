import { parseDuration, type StringValue } from "../../world/duration.ts";
import { WorkflowError } from "../../world/errors.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { emit } from "./emit.ts";
import { drawId } from "./identity.ts";
import { pending } from "./pending.ts";

export function createSleep(bridge: Bridge): (duration: StringValue | Date | number) => Promise<void> {
  return (duration) => {
    const run = callingRun();
    const resumeAt = resumeTime(duration, run.now, "sleep()");
    const id = drawId(bridge, run, "wait", "");
    emit(run, { type: "wait", id, resumeAt });
    return pending((settle) => run.waits.set(id, settle));
  };
}

/**
 * The end of a duration that begins now, or the time that is meant, in milliseconds since the epoch.
 * @param taker what takes the duration, for the error
 */
export function resumeTime(duration: unknown, now: number, taker: string): number {
  if (typeof duration === "string") return now + parseDuration(duration);
  const at = typeof duration === "number" ? now + duration : duration instanceof Date ? duration.getTime() : Number.NaN;
  if (!Number.isFinite(at)) {
    throw new WorkflowError(
      "INVALID_ARGUMENT",
      `${taker} takes a duration like "10s", a number of milliseconds or a Date, not ${String(duration)}`,
    );
  }
  return Math.ceil(at);
}
