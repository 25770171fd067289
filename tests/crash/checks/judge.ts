import type { Dump } from "../dump.ts";
import type { Line } from "../evidence.ts";
import type { Life } from "../life.ts";
import { bodyViolations } from "./bodies.ts";
import { crashViolations } from "./crashes.ts";
import { historyViolations, remainders } from "./histories.ts";
import { onceViolations } from "./once.ts";
import { payloadViolations } from "./payloads.ts";

/** Everything in a life that is not as promised, whatever the scenario. */
export function judge(life: Life): readonly string[] {
  const { evidence, end } = life;
  return [
    ...historyViolations(end),
    ...remainders(end),
    ...payloadViolations(evidence, end),
    ...bodyViolations(evidence, end),
    ...crashViolations(life),
    ...onceViolations(life),
    ...cancellationViolations(evidence, end),
  ];
}

export function cancellationViolations(evidence: readonly Line[], end: Dump): readonly string[] {
  return evidence.flatMap((line) => {
    if (line.event !== "ack" || line.call !== "cancel") return [];
    const status = end.runs.find((run) => run.runId === line.runId)?.status;
    return status === "cancelled" ? [] : [`${line.runId} was cancelled, and is ${status}`];
  });
}
