import type { Life } from "../life.ts";
import { stepHistories } from "./attempts.ts";
import { bodiesIn, stepKey } from "./body-times.ts";

/** Whether each step that may run at most once did, and had its outcome unless a process was lost under it. */
export function onceViolations({ evidence, crashes, end }: Life): readonly string[] {
  const bodies = bodiesIn(evidence);
  const cutOff = crashes.flatMap((crash) => stepHistories(crash.stored)).filter(({ status }) => status === "running");
  const lost = new Set(cutOff.map(stepKey));
  return stepHistories(end).flatMap((step) => {
    const key = stepKey(step);
    const begun = bodies.get(key)?.length ?? 0;
    const found: string[] = [];
    if (step.isOnce && step.started.length > 1)
      found.push(`${key} may run once, was started ${step.started.length} times`);
    if (step.isOnce && begun > 1) found.push(`${key} may run once, ran ${begun} times`);
    if (step.isUnknown && !step.isOnce) found.push(`${key} may run again, and its outcome is unknown`);
    if (step.isUnknown && !lost.has(key))
      found.push(`the outcome of ${key} is unknown though no process died under it`);
    return found;
  });
}
