import type { Dump } from "../dump.ts";
import type { Line } from "../evidence.ts";
import { type StepHistory, stepHistories } from "./attempts.ts";
import { type Body, bodiesIn, stepKey } from "./body-times.ts";

/**
 * Whether the bodies ran as the histories say: each attempt once at most, one at a time, and again only when it threw or
 * its process was lost.
 */
export function bodyViolations(evidence: readonly Line[], end: Dump): readonly string[] {
  const bodies = bodiesIn(evidence);
  // Of the engine's own steps no body tells.
  const steps = stepHistories(end).filter(({ name }) => !name.includes("step//workflow//"));
  const known = new Set(steps.map(stepKey));
  const strangers = [...bodies.keys()].filter((key) => !known.has(key));
  return [
    ...strangers.map((key) => `${key} ran, and no history knows of it`),
    ...steps.flatMap((step) => {
      const own = bodies.get(stepKey(step)) ?? [];
      const found = [...overlaps(own), ...startsWithoutReason(step, own), ...unlike(step, own)];
      return found.map((violation) => `${step.name} (${stepKey(step)}): ${violation}`);
    }),
  ];
}

/** A body that begins while an earlier one of the same step may still run. */
function overlaps(bodies: readonly Body[]): readonly string[] {
  return bodies.flatMap((later, index) => {
    if (later.lost <= later.began) return [];
    const running = bodies.slice(0, index).filter(({ ended, lost }) => Math.min(ended, lost) > later.began);
    return running.map(
      ({ attempt, pid }) => `attempt ${later.attempt} began while attempt ${attempt} ran in process ${pid}`,
    );
  });
}

/** Attempts that follow one that neither threw nor was lost. */
function startsWithoutReason(step: StepHistory, bodies: readonly Body[]): readonly string[] {
  return step.started.flatMap((attempt) => {
    const before = bodies.find((body) => body.attempt === attempt - 1);
    if (before === undefined || step.retried.has(attempt - 1)) return [];
    const began = bodies.find((body) => body.attempt === attempt)?.began ?? Infinity;
    if (before.lost < began) return [];
    return [`attempt ${attempt} was started though attempt ${attempt - 1} had not thrown, nor died`];
  });
}

/** Bodies that do not fit the attempts of the history. */
function unlike(step: StepHistory, bodies: readonly Body[]): readonly string[] {
  const found: string[] = [];
  if (step.started.some((attempt, index) => attempt !== index + 1)) {
    found.push(`its attempts are numbered ${step.started.join(", ")}`);
  }
  for (const [attempt, same] of Map.groupBy(bodies, (body) => body.attempt)) {
    if (same.length > 1) found.push(`attempt ${attempt} ran ${same.length} times`);
    if (!step.started.includes(attempt)) found.push(`attempt ${attempt} ran without being started`);
  }
  const last = bodies.findLast((body) => body.attempt === step.started.at(-1));
  if (step.status === "completed" && !Number.isFinite(last?.ended ?? Infinity)) {
    found.push("it has a result, and its last attempt did not run to its end");
  }
  return found;
}
