import { isDeepStrictEqual } from "node:util";
import { type Dump, holdsText, type StoredRun } from "../dump.ts";
import type { BodyLine, CallLine, Line, ResumeLine } from "../evidence.ts";
import type { Life } from "../life.ts";
import { stepHistories } from "./attempts.ts";

/** Whether what was stored at each crash was enough, and was built upon. */
export function crashViolations(life: Life): readonly string[] {
  const found = life.crashes.flatMap((crash, index) => {
    const before = life.evidence.slice(0, crash.lines);
    const after = life.evidence.slice(crash.lines, life.crashes[index + 1]?.lines);
    const violations = [
      ...unstored(before, crash.stored),
      ...rewritten(crash.stored, life.end),
      ...repeated(crash.stored, after),
    ];
    return violations.map((violation) => `crash ${index + 1}: ${violation}`);
  });
  return [...found, ...superfluousStarts(life)];
}

/** What had been acknowledged or had begun before the crash, and was not durable. */
function unstored(before: readonly Line[], stored: Dump): readonly string[] {
  const found: string[] = [];
  const started = new Set(
    stepHistories(stored).flatMap((step) => step.started.map((attempt) => `${step.runId} ${step.stepId} ${attempt}`)),
  );
  for (const line of before) {
    if (line.event === "begin" && !started.has(`${line.runId} ${line.stepId} ${line.attempt}`)) {
      found.push(`attempt ${line.attempt} of ${line.name} had begun, and its start was not durable`);
    }
    if (line.event === "ack") found.push(...unstoredCall(line, stored));
  }
  return found;
}

function unstoredCall(line: CallLine, stored: Dump): readonly string[] {
  const isStored = (type: string, holds: (run: StoredRun, payload: string | undefined) => boolean): boolean =>
    stored.runs.some((run) =>
      [...run.history, ...run.inbox.map((fact) => fact.event)].some(
        (event) => event.type === type && holds(run, event.payload),
      ),
    );
  switch (line.call) {
    case "start":
      return isStored("run_created", (run) => run.runId === line.runId)
        ? []
        : [`the start of ${line.runId} was acknowledged, and was not durable`];
    case "resume":
      return isStored("hook_received", (_, payload) => holdsText(payload, line.payload)) || waitsForHook(line, stored)
        ? []
        : [`the payload ${line.payload} was acknowledged, and was not durable`];
    case "cancel":
      return isStored("run_cancelled", (run) => run.runId === line.runId)
        ? []
        : [`the cancellation of ${line.runId} was acknowledged, and was not durable`];
  }
}

/** What waits for the hook of a run that owns the token cannot be seen before the run creates the hook. */
function waitsForHook({ token, payload }: ResumeLine, { runs, held }: Dump): boolean {
  if (held.some((stored) => holdsText(stored, payload))) return true;
  return runs.some(({ history: [created, ...rest] }) => {
    const owns = created?.type === "run_created" && created.data.token === token;
    return owns && !rest.some((event) => event.type === "hook_created" && event.data.token === token);
  });
}

function rewritten(stored: Dump, end: Dump): readonly string[] {
  return stored.runs.flatMap(({ runId, history }) => {
    const later = end.runs.find((run) => run.runId === runId)?.history ?? [];
    return isDeepStrictEqual(history, later.slice(0, history.length)) ? [] : [`the history of ${runId} was rewritten`];
  });
}

/** Steps that the next process ran though they were over, or whose attempts it did not count on. */
function repeated(stored: Dump, after: readonly Line[]): readonly string[] {
  const begins = after.filter((line): line is BodyLine => line.event === "begin");
  return stepHistories(stored).flatMap(({ runId, stepId, name, status, started }) => {
    const next = begins.find((line) => line.runId === runId && line.stepId === stepId);
    const expected = started.length + 1;
    if (next === undefined) return [];
    if (status === "completed" || status === "failed") return [`${name} was ${status}, and ran again`];
    return next.attempt === expected ? [] : [`${name} went on with attempt ${next.attempt}, not ${expected}`];
  });
}

/** A completed step had one attempt, one more for each that threw, and one more for each that was running at a crash. */
function superfluousStarts({ crashes, end }: Life): readonly string[] {
  const running = crashes.flatMap((crash) => stepHistories(crash.stored)).filter((step) => step.status === "running");
  return stepHistories(end).flatMap((step) => {
    const own = running.filter(({ runId, stepId }) => runId === step.runId && stepId === step.stepId);
    // An attempt that died is running still at a second crash that comes before the next attempt.
    const died = new Set(own.map(({ started }) => started.length));
    // A step that awaits a run has no body, and so no attempt.
    if (step.name.endsWith("//run.returnValue") && step.started.length === 0) return [];
    const reasons = 1 + step.retried.size + died.size;
    if (step.status !== "completed" || step.started.length === reasons) return [];
    return [`${step.name} had ${step.started.length} attempts, and reasons for ${reasons}`];
  });
}
