import type { Event } from "workflow/api";
import type { StepLogLine } from "../step-log.ts";
import { shortName } from "./evidence.ts";
import type { Kill } from "./server.ts";

/** What a run left behind. */
export interface Traces {
  readonly events: readonly Event[];
  readonly bodies: readonly StepLogLine[];
}

export interface Verdict {
  readonly steps: number;
  /** Attempts that ended because the step threw. */
  readonly thrown: number;
  /** Attempts that ended because the server was killed. */
  readonly killed: number;
  /** What is not as promised. */
  readonly complaints: readonly string[];
}

/** The one step that throws, in its first attempt. */
const THROWS_ONCE = "checkCredit";

/** Holds what really ran against the history: `expected` names the steps that the run must have, in order. */
export function judgeRun(traces: Traces, expected: readonly string[], kills: readonly Kill[]): Verdict {
  const created = traces.events.filter((event) => event.eventType === "step_created");
  const names = created.map((event) => shortName(event.eventData["stepName"]));
  const verdicts = created.map((event, index) => {
    const history = traces.events.filter((other) => other.correlationId === event.correlationId);
    const ran = traces.bodies.filter((body) => body.stepId === event.correlationId);
    return judgeStep(String(names[index]), history, ran, kills);
  });
  const isComplete = names.join() === expected.join();
  const strangers = traces.bodies.filter((body) => !created.some((event) => event.correlationId === body.stepId));
  return {
    steps: created.length,
    thrown: verdicts.reduce((sum, verdict) => sum + verdict.thrown, 0),
    killed: verdicts.reduce((sum, verdict) => sum + verdict.killed, 0),
    complaints: [
      ...(isComplete ? [] : [`its steps are ${names.join()}, not ${expected.join()}`]),
      ...strangers.map((body) => `${shortName(body.stepName)} ran, and the history does not know of it`),
      ...verdicts.flatMap((verdict) => verdict.complaints),
    ],
  };
}

/**
 * An attempt with an outcome ran exactly once. One without an outcome needs a kill to explain it; its body may have
 * run or not.
 */
function judgeStep(
  name: string,
  history: readonly Event[],
  bodies: readonly StepLogLine[],
  kills: readonly Kill[],
): Verdict {
  const complaints: string[] = [];
  const starts = history.filter((event) => event.eventType === "step_started");
  const killed = starts.filter((event) => outcomeOf(event, history)?.eventType === "step_started");
  const thrown = history.filter((event) => event.eventType === "step_retrying").length;

  for (const start of starts) {
    const attempt = Number(start.eventData["attempt"]);
    const times = bodies.filter((body) => body.attempt === attempt).length;
    if (times > 1 || (times === 0 && !killed.includes(start))) {
      complaints.push(`attempt ${attempt} of ${name} ran ${times} times`);
    }
  }
  for (const start of killed) {
    const next = outcomeOf(start, history);
    if (!kills.some((kill) => isBetween(kill, start, next)))
      complaints.push(`${name} was started again without a kill`);
  }
  if (bodies.some((body) => body.attempt > starts.length)) complaints.push(`${name} ran without being started`);
  if (thrown > (name === THROWS_ONCE ? 1 : 0)) complaints.push(`${name} failed ${thrown} times`);
  if (history.filter((event) => event.eventType === "step_completed").length !== 1) {
    complaints.push(`${name} was not completed exactly once`);
  }
  return { steps: 1, thrown, killed: killed.length, complaints };
}

/** How an attempt ended: what the step's history says after its start. */
function outcomeOf(start: Event, history: readonly Event[]): Event | undefined {
  return history[history.indexOf(start) + 1];
}

function isBetween(kill: Kill, before: Event, after: Event | undefined): boolean {
  if (after === undefined) return false;
  return before.createdAt.getTime() <= kill.goneAt && after.createdAt.getTime() >= kill.sentAt;
}
