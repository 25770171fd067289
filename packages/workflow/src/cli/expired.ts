/** How data is shown that went with the end of its run (contract 10 section 10.1). */
import type { Event, Step, WorkflowRun } from "../world/entities.ts";
import { PAYLOAD_FIELD, type Payload } from "../world/events.ts";

/** In the place of a payload. No payload is like it: each begins with the name of its format. */
export const EXPIRED: Payload = "<data expired>";

export function markRun(run: WorkflowRun): WorkflowRun {
  return run.expiredAt === undefined ? run : { ...run, input: EXPIRED, ...outcomeOf(run) };
}

/** A step of a run whose data is gone. */
export function markStep(step: Step): Step {
  return { ...step, input: EXPIRED, ...outcomeOf(step) };
}

/** An event of such a run. Whether a hook had metadata is not known any more. */
export function markEvent(event: Event): Event {
  const field = event.eventType === "hook_created" ? undefined : PAYLOAD_FIELD[event.eventType];
  return field === undefined ? event : { ...event, eventData: { ...event.eventData, [field]: EXPIRED } };
}

function outcomeOf({ status }: WorkflowRun | Step): Pick<WorkflowRun, "output" | "error"> {
  if (status === "completed") return { output: EXPIRED };
  return status === "failed" ? { error: EXPIRED } : {};
}
