import type { StoredEvent } from "workflow/world";
import { type Dump, holdsText } from "../dump.ts";
import type { Line, ResumeLine } from "../evidence.ts";

/**
 * Whether every payload arrived as promised: an acknowledged one exactly once, one in doubt at most once, a refused one
 * never, and those of one token in the order in which they were sent.
 */
export function payloadViolations(evidence: readonly Line[], end: Dump): readonly string[] {
  const resumes = evidence.filter((line) => "call" in line && line.call === "resume");
  const received = end.runs.flatMap((run) => run.history.filter((event) => event.type === "hook_received"));
  const byToken = Map.groupBy(resumes, (line) => line.token);
  return [...byToken].flatMap(([token, lines]) => [
    ...miscounted(lines, received).map((violation) => `${token}: ${violation}`),
    ...misordered(lines, received).map((violation) => `${token}: ${violation}`),
  ]);
}

function miscounted(lines: readonly ResumeLine[], received: readonly StoredEvent[]): readonly string[] {
  const byPayload = Map.groupBy(lines, (line) => line.payload);
  return [...byPayload].flatMap(([payload, calls]) => {
    const times = received.filter((event) => holdsText(event.payload, payload)).length;
    if (calls.some((line) => line.event === "ack")) {
      return times === 1 ? [] : [`${payload} was acknowledged, and arrived ${times} times`];
    }
    if (calls.every((line) => line.event === "refused")) {
      return times === 0 ? [] : [`${payload} was refused, and arrived ${times} times`];
    }
    return times <= 1 ? [] : [`${payload} was in doubt, and arrived ${times} times`];
  });
}

/**
 * Payloads are sent one after the other, so the order of acceptance is that of the last time each was sent before it was
 * answered; what is sent again after that, with its key, is not accepted again.
 */
function misordered(lines: readonly ResumeLine[], received: readonly StoredEvent[]): readonly string[] {
  const answered = new Set<string>();
  const sent = lines.flatMap(({ event, payload }) => {
    if (event === "ack") answered.add(payload);
    return event === "ask" && !answered.has(payload) ? [payload] : [];
  });
  const arrived = received.flatMap((event) => sent.find((payload) => holdsText(event.payload, payload)) ?? []);
  const expected = sent.filter((payload, index) => sent.lastIndexOf(payload) === index && arrived.includes(payload));
  const order = [...new Set(arrived)].join(", ");
  return order === expected.join(", ") ? [] : [`sent ${expected.join(", ")}; arrived ${order}`];
}
