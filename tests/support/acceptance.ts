import type { StoredEvent } from "workflow/world";
import { deserialize } from "../../packages/workflow/src/serialization/serialize.ts";

/** A payload that was sent to a token. Each is another text. */
export interface Sent {
  readonly payload: string;
  /** The run that it went to, as far as the answer said so. */
  readonly runId?: string | undefined;
  /** When it was sent first, on a scale of its own. */
  readonly askedAt: number;
  /** When it was answered on the same scale: it was accepted between the two. Absent: in doubt. */
  readonly answeredAt?: number | undefined;
}

/** A payload in the history of a run. */
export interface Received {
  readonly payload: string;
  readonly runId: string;
  readonly hookId: string;
  readonly undelivered: boolean;
}

export function receivedBy(runId: string, history: readonly StoredEvent[]): readonly Received[] {
  return history.flatMap((event) => {
    if (event.type !== "hook_received") return [];
    const { correlationId: hookId = "", data, payload } = event;
    return [{ payload: String(textsIn(payload)), runId, hookId, undelivered: data.undelivered === true }];
  });
}

/** A text, or texts, as stored. */
export function textsIn(payload: string | undefined): unknown {
  return payload === undefined ? undefined : deserialize(payload, NOTHING);
}

const absent = (): never => {
  throw new Error("The payloads of this test are texts");
};
const NOTHING = {
  step: absent,
  workflow: absent,
  run: absent,
  class: () => undefined,
  respond: absent,
  stream: absent,
  signal: absent,
  controller: absent,
};

/**
 * What is not as promised (invariants I5, I6): every payload that was answered is with one run, the one that the answer
 * named; one in doubt with one at most; each hook has its payloads in the order in which they were accepted.
 */
export function acceptanceViolations(sent: readonly Sent[], received: readonly Received[]): readonly string[] {
  const byPayload = Map.groupBy(received, ({ payload }) => payload);
  const byHook = Map.groupBy(received, ({ hookId }) => hookId);
  const known = new Map(sent.map((one) => [one.payload, one]));
  return [
    ...sent.flatMap((one) => misplaced(one, byPayload.get(one.payload) ?? [])),
    ...received.filter(({ payload }) => !known.has(payload)).map(({ payload }) => `${payload} was never accepted`),
    ...[...byHook].flatMap(([hookId, payloads]) => misordered(hookId, payloads, known)),
  ];
}

function misplaced({ payload, runId, answeredAt }: Sent, places: readonly Received[]): readonly string[] {
  const [place] = places;
  if (places.length > 1) return [`${payload} arrived ${places.length} times`];
  if (place === undefined) return answeredAt === undefined ? [] : [`${payload} was accepted, and is nowhere`];
  return runId === undefined || runId === place.runId ? [] : [`${payload} is with ${place.runId}, not with ${runId}`];
}

/** Of two payloads, the one that was answered before the other was sent comes first. */
function misordered(
  hookId: string,
  payloads: readonly Received[],
  known: ReadonlyMap<string, Sent>,
): readonly string[] {
  let latest = { askedAt: Number.NEGATIVE_INFINITY, payload: "" };
  return payloads.flatMap(({ payload }) => {
    const { askedAt = latest.askedAt, answeredAt = Infinity } = known.get(payload) ?? {};
    const found = answeredAt < latest.askedAt ? [`${hookId}: ${payload} came after ${latest.payload}`] : [];
    if (askedAt > latest.askedAt) latest = { askedAt, payload };
    return found;
  });
}
