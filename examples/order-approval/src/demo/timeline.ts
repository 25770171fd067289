import type { Event } from "workflow/api";
import { shortName } from "./evidence.ts";

/** Something that happened, to be shown among others in the order of time. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who it happened to: an order, or the server. */
  readonly who: string;
  readonly what: string;
}

/** The events of a run; those that were written at the same time stand together. */
export function momentsOf(who: string, events: readonly Event[]): readonly Moment[] {
  const names = new Map(events.map((event) => [event.correlationId, event.eventData["stepName"]]));
  for (const event of events) {
    if (event.eventType === "step_created") names.set(event.correlationId, event.eventData["stepName"]);
  }
  const together = Map.groupBy(events, (event) => event.createdAt.getTime());
  return [...together].map(([at, simultaneous]) => ({
    at,
    who,
    what: simultaneous.map((event) => describe(event, names.get(event.correlationId))).join(", "),
  }));
}

function describe({ eventType, eventData }: Event, stepName: unknown): string {
  if (stepName === undefined) return eventType;
  const attempt =
    eventType === "step_started" && eventData["attempt"] !== 1 ? ` (attempt ${eventData["attempt"]})` : "";
  return `${eventType} ${shortName(stepName)}${attempt}`;
}

export function printTimeline(moments: readonly Moment[]): void {
  const sorted = moments.toSorted((a, b) => a.at - b.at);
  const first = sorted[0]?.at ?? 0;
  for (const { at, who, what } of sorted) {
    console.log(`${((at - first) / 1000).toFixed(3).padStart(8)}s  ${who.padEnd(8)}  ${what}`);
  }
}
